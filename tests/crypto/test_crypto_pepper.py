"""A pepper's file with several versions: rotated, retired, and read back whole."""

import json
import pickle
import stat
from pathlib import Path

import pytest

from crypto.boxes import BoxError, open_box, seal_box, version_of_box
from crypto.passwords import hash_secret, version_named
from crypto.pepper import (
    MOST_VERSIONS,
    Pepper,
    Peppers,
    create_pepper,
    each_of,
    load_pepper,
    load_peppers,
    retire_pepper,
    rotate_pepper,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_pepper(tmp_path / "pepper.json")
    return tmp_path / "pepper.json"


def numbers(peppers: Peppers) -> list[int]:
    return [one.version for one in peppers]


def test_a_rotated_file_holds_both_and_is_as_private(path: Path) -> None:
    before = load_pepper(path)
    rotated = rotate_pepper(path, use_from=1000)
    assert numbers(rotated) == numbers(load_peppers(path)) == [2, 1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["pepper.json"]
    newest, oldest = load_peppers(path)
    assert oldest.derive("devices") == before.derive("devices") != newest.derive("devices")


def test_a_version_is_used_from_its_time_on(path: Path) -> None:
    peppers = rotate_pepper(path, use_from=1000)
    assert [peppers.in_use(at).version for at in (0, 999, 1000, 2000)] == [1, 1, 2, 2]
    with pytest.raises(ValueError, match="not in use yet"):
        rotate_pepper(path, use_from=999)
    assert numbers(load_peppers(path)) == [2, 1]


def test_only_an_old_version_is_retired(path: Path) -> None:
    rotate_pepper(path, use_from=1000)
    for version, at in ((1, 999), (2, 999), (2, 1000), (3, 1000)):
        with pytest.raises(ValueError, match=r"is not an old one|there is no version"):
            retire_pepper(path, version, at)
    assert numbers(retire_pepper(path, 1, 1000)) == numbers(load_peppers(path)) == [2]
    assert numbers(rotate_pepper(path, use_from=2000)) == [3, 2]


def test_there_is_an_end_to_versions(path: Path) -> None:
    for at in range(1, MOST_VERSIONS):
        rotate_pepper(path, use_from=at)
    with pytest.raises(ValueError, match="no room"):
        rotate_pepper(path, use_from=100)


@pytest.mark.parametrize(
    "change",
    [
        {"older": {}},
        {"older": [{"version": 2, "secret": "A" * 43}]},
        {"older": [{"version": 1}]},
        {"version": 1},
        {"version": 256},
        {"use_from": -1},
        {"use_from": "soon"},
    ],
)
def test_a_damaged_file_is_refused(path: Path, change: dict[str, object]) -> None:
    rotate_pepper(path, use_from=1000)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match="is no pepper"):
        load_peppers(path)


def test_a_key_knows_its_version_and_those_before_and_shows_nothing(path: Path) -> None:
    rotate_pepper(path, use_from=0)
    key = load_pepper(path).derive("passwords")
    assert [getattr(one, "version", 0) for one in each_of(key)] == [2, 1]
    assert each_of(b"plain") == (b"plain",)
    assert {repr(key), f"{key}", str(key)} == {"<DerivedKey version 2>"}
    assert repr(load_peppers(path)) == "<Peppers versions [2, 1]>"
    for holder in (key, load_peppers(path)):
        with pytest.raises(TypeError):
            pickle.dumps(holder)


def test_a_stored_hash_names_its_version_from_the_second_on() -> None:
    keys = [Pepper(version, bytes(32)).derive("passwords") for version in (1, 2, 255)]
    hashes = [hash_secret(key, "login", "password") for key in keys]
    assert [(len(one), version_named(one)) for one in hashes] == [(16, 1), (17, 2), (17, 255)]


def test_a_box_opens_under_whichever_version(path: Path) -> None:
    old = load_pepper(path).derive("mail")
    box = seal_box(old, b"content")
    rotate_pepper(path, use_from=0)
    new = load_pepper(path).derive("mail")
    assert open_box(new, box) == b"content"
    assert (version_of_box(new, box), version_of_box(new, seal_box(new, b""))) == (1, 2)
    assert version_of_box(new, box[:-1]) is None
    with pytest.raises(BoxError):
        open_box(old, seal_box(new, b"content"))


def test_when_versions_were_in_use_that_are_gone(path: Path) -> None:
    for use_from in (1000, 2000, 3000):
        rotate_pepper(path, use_from)
    assert load_peppers(path).gaps() == []
    assert retire_pepper(path, 2, 5000).gaps() == [(0, 2000)]  # since the first: who says when the next came?
    assert retire_pepper(path, 1, 5000).gaps() == [(0, 2000)]
    assert retire_pepper(path, 3, 5000).gaps() == [(0, 3000)]
