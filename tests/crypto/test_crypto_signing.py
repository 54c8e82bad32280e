import copy
import json
import pickle
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from sample_certificates import KEYS, TAG_KEY

from crypto import base64url, signing
from crypto.issuing import Issuer
from crypto.pepper import Pepper
from crypto.secrecy import Secret
from crypto.signing import SigningKey, load_signing_key, save_signing_key, verify_signature

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rfc8032.json").read_text())["vectors"]
SEED = bytes(range(1, 33))
KEY = SigningKey.from_seed(SEED)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_rfc_8032(vector: dict[str, str]) -> None:
    seed, public, message, signature = (
        bytes.fromhex(vector[name]) for name in ("secret_key", "public_key", "message", "signature")
    )
    key = SigningKey.from_seed(seed)
    assert (key.public_key, key.sign(message)) == (public, signature)
    assert Ed25519PrivateKey.from_private_bytes(seed).sign(message) == signature
    assert verify_signature(public, message, signature)
    assert not verify_signature(public, message + b"x", signature)


def test_the_five_vectors_are_there() -> None:
    assert [len(vector["message"]) // 2 for vector in VECTORS] == [0, 1, 2, 1023, 64]


def test_rfc_8037_thumbprint() -> None:
    public = base64url.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert signing.thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 511))
def test_signatures_agree_with_another_library(seed: bytes, message: bytes, bit: int) -> None:
    key = SigningKey.from_seed(seed)
    signature = key.sign(message)
    other = Ed25519PublicKey.from_public_bytes(key.public_key)
    other.verify(signature, message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert verify_signature(key.public_key, message, signature)
    assert not verify_signature(key.public_key, message, bytes(changed))
    with pytest.raises(InvalidSignature):
        other.verify(bytes(changed), message)


def test_wrong_lengths_and_small_orders_do_not_verify() -> None:
    signature = KEY.sign(b"m")
    assert verify_signature(KEY.public_key, b"m", signature)
    assert not verify_signature(KEY.public_key, b"m", signature + b"\0")
    assert not verify_signature(KEY.public_key, b"", signature + b"m")
    assert not verify_signature(KEY.public_key[:31], b"m", signature)
    # The neutral point signs everything in a verifier that accepts it.
    neutral = b"\1" + bytes(31)
    assert not verify_signature(neutral, b"m", neutral + bytes(32))


def test_generated_keys_differ() -> None:
    assert SigningKey.generate().kid != SigningKey.generate().kid


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SigningKey.from_seed(b"s" * length)


SECRETS = [
    (KEY, KEY.kid, SEED),
    (Pepper(3, SEED), "version 3", SEED),
    (Issuer(KEY, "https://licences.example", TAG_KEY), KEY.kid, TAG_KEY),
]


@pytest.mark.parametrize(("holder", "label", "secret"), SECRETS, ids=["key", "pepper", "issuer"])
def test_secrets_do_not_print(holder: Any, label: str, secret: bytes) -> None:
    expected = f"<{type(holder).__name__} {label}>"
    texts = [repr(holder), str(holder), f"{holder}", f"{holder!r:>4}", "%s" % holder, repr([holder])]  # noqa: UP031
    assert all(expected in text for text in texts)
    assert not any(spelling in text for text in texts for spelling in spellings(secret))


@pytest.mark.parametrize(("holder", "label", "secret"), SECRETS, ids=["key", "pepper", "issuer"])
@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        lambda holder: pickle.dumps(holder, 0),
        copy.copy,
        copy.deepcopy,
        json.dumps,
        bytes,
        vars,
        lambda holder: holder.__getstate__(),
        lambda holder: holder.__reduce__(),
    ],
)
def test_secrets_do_not_leave(holder: Any, label: str, secret: bytes, leak: Any) -> None:
    with pytest.raises(TypeError):
        leak(holder)


def test_a_secret_without_a_label_is_hidden() -> None:
    class Plain(Secret):
        __slots__ = ("value",)

    assert repr(Plain()) == "<Plain hidden>"


def test_a_traceback_with_locals_shows_no_key() -> None:
    wrong: Any = "not bytes"
    with pytest.raises(TypeError, match="only bytes") as caught:
        KEY.sign(wrong)
    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(trace.format())
    assert KEY.kid in text
    assert not any(spelling in text for spelling in spellings(SEED))


def spellings(secret: bytes) -> list[str]:
    return [secret.hex(), base64url.encode(secret), repr(secret)[2:-1], str(list(secret))[1:-1]]


def test_the_file_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    save_signing_key(KEY, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.key"]
    assert load_signing_key(path).sign(b"m") == KEY.sign(b"m")
    jwk = json.loads(path.read_text())
    assert jwk == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64url.encode(KEY.public_key),
        "d": base64url.encode(SEED),
    }


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    save_signing_key(KEY, path)
    with pytest.raises(FileExistsError):
        save_signing_key(KEYS["other"], path)
    assert load_signing_key(path).kid == KEY.kid
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.key"
    save_signing_key(KEY, path)
    path.chmod(mode)
    with pytest.raises(PermissionError, match=f"a.key has mode {mode:04o}.*chmod 600"):
        load_signing_key(path)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_file_of_its_owner_is_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.key"
    save_signing_key(KEY, path)
    path.chmod(mode)
    assert load_signing_key(path).kid == KEY.kid


JWK = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(KEY.public_key), "d": base64url.encode(SEED)}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no signing key"),
        ("é", "no signing key"),
        ("[]", "not an Ed25519 JWK"),
        (json.dumps(JWK | {"crv": "X25519"}), "not an Ed25519 JWK"),
        (json.dumps(JWK | {"x": 1}), "32 bytes"),
        (json.dumps(JWK | {"d": 1}), "32 bytes"),
        (json.dumps(JWK | {"d": "AAAA"}), "32 bytes"),
        (json.dumps(JWK | {"x": base64url.encode(KEYS["other"].public_key)}), "different keys"),
    ],
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "a.key"
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=match) as caught:
        load_signing_key(path)
    assert not any(spelling in str(caught.value) for spelling in spellings(SEED))
