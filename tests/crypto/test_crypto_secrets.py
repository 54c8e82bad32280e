import json
import re
import stat
from pathlib import Path
from typing import Any

import make_digests
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_generichash_blake2b_salt_personal as blake2b

from crypto.digests import account_salt, component_digest, component_digests
from crypto.passwords import hash_secret, new_password, new_token, same_digest
from crypto.pepper import Pepper, create_pepper, load_pepper

DIGESTS = json.loads(make_digests.FILE.read_text("ascii"))
PEPPER = Pepper(1, bytes.fromhex(DIGESTS["pepper"]))
DEVICE_KEY = PEPPER.derive("devices")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


# Pepper


def test_derived_keys_are_those_of_the_vectors() -> None:
    assert DEVICE_KEY.hex() == DIGESTS["device_key"]
    assert len({PEPPER.derive(purpose) for purpose in ("devices", "tags", "passwords", "")}) == 4
    assert Pepper(1, bytes(32)).derive("devices") != DEVICE_KEY


@pytest.mark.parametrize(("version", "secret"), [(0, bytes(32)), (1, bytes(31)), (1, bytes(33)), (1, b"")])
def test_a_pepper_has_a_version_and_32_bytes(version: int, secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pepper(version, secret)


def test_the_file_of_a_pepper(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    made = create_pepper(path, version=7)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = load_pepper(path)
    assert (loaded.version, loaded.derive("devices")) == (7, made.derive("devices"))
    with pytest.raises(FileExistsError):
        create_pepper(path)
    assert load_pepper(path).version == 7
    assert create_pepper(tmp_path / "other").derive("devices") != made.derive("devices")
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        load_pepper(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": true, "secret": "' + "A" * 43 + '"}',
        '{"version": 1, "secret": "AAAA"}',
        '{"version": 1, "secret": "="}',
        "é",
    ],
)
def test_a_damaged_pepper_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pepper"
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="is no pepper"):
        load_pepper(path)


# Digests


@pytest.mark.parametrize("account", DIGESTS["accounts"], ids=lambda account: str(account["account_id"]))
def test_digest_vectors(account: dict[str, Any]) -> None:
    salt = account_salt(DEVICE_KEY, account["account_id"])
    assert salt.hex() == account["salt"]
    assert account["digests"]
    for entry in account["digests"]:
        assert component_digest(salt, entry["kind"], entry["value"]).hex() == entry["digest"]


@given(TEXTS, TEXTS)
def test_digests_agree_with_libsodium(kind: str, value: str) -> None:
    salt = account_salt(DEVICE_KEY, 5)
    kind = kind.replace("\0", "")
    expected = blake2b(f"{kind}\0{value}".encode(), digest_size=16, key=salt)
    assert component_digest(salt, kind, value) == expected


def test_kinds_and_values_do_not_run_together() -> None:
    salt = account_salt(DEVICE_KEY, 5)
    assert component_digest(salt, "ma", "c") != component_digest(salt, "mac", "")
    with pytest.raises(ValueError, match="NUL"):
        component_digest(salt, "mac\0", "")
    with pytest.raises(UnicodeEncodeError):
        component_digest(salt, "mac", "\ud800")
    with pytest.raises(ValueError, match="NUL"):
        component_digests(salt, [("mac\0", ("",))])


def test_many_components_are_digested_like_one() -> None:
    salt = account_salt(b"key", 7)
    parts = [("hdd_serial", ("S1",)), ("mac", ("a", "b", "c")), ("cpu_id", ())]
    expected = {
        kind: tuple(component_digest(salt, kind, value) for value in values) for kind, values in parts
    }
    assert component_digests(salt, parts) == expected


@pytest.mark.parametrize("account_id", [-1, 2**64])
def test_account_ids_have_64_bits(account_id: int) -> None:
    with pytest.raises(OverflowError):
        account_salt(DEVICE_KEY, account_id)


# Passwords


@pytest.mark.parametrize(("bits", "characters"), [(120, 24), (121, 25), (125, 25), (128, 26), (160, 32)])
def test_passwords_are_groups_of_four_and_strong_enough(bits: int, characters: int) -> None:
    password = new_password(bits)
    assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-)*[0-9a-hjkmnp-tv-z]{1,4}", password)
    assert len(password.replace("-", "")) == characters
    assert not password.endswith("-")


def test_passwords_use_the_whole_alphabet_and_do_not_repeat() -> None:
    passwords = [new_password() for _ in range(200)]
    assert len(set(passwords)) == 200
    assert len(set("".join(passwords))) == 33


def test_weak_passwords_are_not_made() -> None:
    with pytest.raises(ValueError, match="120"):
        new_password(119)


def test_tokens_carry_their_prefix_and_256_bits() -> None:
    tokens = {new_token("staff") for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"staff_[\w-]{43}", token) for token in tokens)


@pytest.mark.parametrize("prefix", ["", "Staff", "a_b", "é", "a1", " "])
def test_odd_prefixes_are_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_token(prefix)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_names_and_secrets_do_not_run_together(name: str, secret: str, name2: str, secret2: str) -> None:
    same = hash_secret(DEVICE_KEY, name, secret) == hash_secret(DEVICE_KEY, name2, secret2)
    assert same == ((name, secret) == (name2, secret2))
    assert hash_secret(DEVICE_KEY, name + "x", secret) != hash_secret(DEVICE_KEY, name, "x" + secret)


def test_a_secret_is_hashed_as_documented() -> None:
    expected = blake2b(b"\0\0\0\x03\xc3\xa9asecret", digest_size=16, key=DEVICE_KEY)
    assert hash_secret(DEVICE_KEY, "éa", "secret") == expected
    assert hash_secret(bytes(32), "éa", "secret") != expected


def test_digests_are_compared() -> None:
    assert same_digest(b"a" * 16, b"a" * 16)
    assert not same_digest(b"a" * 16, b"a" * 15 + b"b")
    assert not same_digest(b"a" * 16, b"a" * 15)
