import json
import stat
from pathlib import Path

import pytest
from sample_certificates import KEYS

from crypto import base64url
from crypto.key_folder import KeyFolderError
from crypto.locking import Cost, PassphraseError, load_root, read_public_half, save_root
from crypto.signing import seed_of

KEY = KEYS["root_current"]
PASSPHRASE = "correct horse battery staple"
CHEAP = Cost(passes=1, memory=8192)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_root(KEY, tmp_path / "root.key", PASSPHRASE, CHEAP)
    return tmp_path / "root.key"


def never() -> str:
    raise AssertionError("nobody is asked")


def test_a_root_opens_with_its_passphrase_alone(path: Path) -> None:
    assert load_root(path, lambda: PASSPHRASE).public_key == KEY.public_key
    for wrong in ("", PASSPHRASE[:-1], PASSPHRASE + " ", PASSPHRASE.upper()):
        with pytest.raises(PassphraseError, match=path.name):
            load_root(path, lambda wrong=wrong: wrong)


def test_an_accent_is_the_same_however_it_is_typed(tmp_path: Path) -> None:
    save_root(KEY, tmp_path / "root.key", "caf\u00e9 caf\u00e9 caf\u00e9", CHEAP)
    assert load_root(tmp_path / "root.key", lambda: "cafe\u0301 cafe\u0301 cafe\u0301").kid == KEY.kid


def test_the_file_is_private_and_shows_the_public_half_only(path: Path) -> None:
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert base64url.encode(seed_of(KEY)) not in text
    assert read_public_half(path) == KEY.public_key
    path.chmod(0o640)
    with pytest.raises(PermissionError):
        load_root(path, never)


def test_nothing_is_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        save_root(KEYS["root_next"], path, PASSPHRASE, CHEAP)
    assert path.read_bytes() == before


def test_the_same_key_twice_gives_files_that_have_nothing_in_common(path: Path) -> None:
    other = path.with_name("again.key")
    save_root(KEY, other, PASSPHRASE, CHEAP)
    one, two = (json.loads(each.read_text()) for each in (path, other))
    assert one["kdf"]["salt"] != two["kdf"]["salt"]
    assert one["box"] != two["box"]


def test_the_usual_cost_is_libsodiums_moderate(tmp_path: Path) -> None:
    save_root(KEY, tmp_path / "root.key", PASSPHRASE)
    kdf = json.loads((tmp_path / "root.key").read_text())["kdf"]
    assert (kdf["name"], kdf["ops"], kdf["memory"]) == ("argon2id", 3, 256 * 2**20)


def test_a_short_passphrase_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="12"):
        save_root(KEY, tmp_path / "root.key", "eleven char", CHEAP)
    assert not list(tmp_path.iterdir())


def test_without_a_passphrase_nobody_is_asked(tmp_path: Path) -> None:
    save_root(KEY, tmp_path / "root.key", None)
    assert load_root(tmp_path / "root.key", never).public_key == KEY.public_key
    assert read_public_half(tmp_path / "root.key") == KEY.public_key


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kdf": None},
        {"kdf": {"name": "scrypt"}},
        {"kdf": {"name": "argon2id", "ops": 1, "memory": 8192, "salt": "AAAA"}},
        {"kdf": {"name": "argon2id", "ops": 0, "memory": 8192, "salt": "A" * 22}},
        {"kdf": {"name": "argon2id", "ops": 1, "memory": 2**40, "salt": "A" * 22}},
        {"kdf": {"name": "argon2id", "ops": "1", "memory": 8192, "salt": "A" * 22}},
        {"box": 1},
        {"box": "AAAA"},
        {"box": "*"},
        {"x": base64url.encode(KEYS["other"].public_key)},
    ],
    ids=str,
)
def test_a_damaged_file_is_named(path: Path, change: dict[str, object]) -> None:
    members = json.loads(path.read_text())
    path.write_text(json.dumps(members | change))
    with pytest.raises((KeyFolderError, PassphraseError), match=path.name):
        load_root(path, lambda: PASSPHRASE)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"x": 1}', '{"x": "AAAA"}'])
def test_what_is_no_root_is_named(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(KeyFolderError, match=path.name):
        load_root(path, never)
    with pytest.raises(KeyFolderError, match=path.name):
        read_public_half(path)
