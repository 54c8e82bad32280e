"""One random name per installation, whoever comes first."""

import os
import re
import stat
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Timer

import pytest

from activation.client.reading import InstallIdError, install_id, load_or_create_install_id


def test_it_is_made_once_with_128_bits_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    first = load_or_create_install_id(folder)
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert load_or_create_install_id(folder) == first
    assert [path.name for path in folder.iterdir()] == ["install_id"]
    assert stat.S_IMODE((folder / "install_id").stat().st_mode) == 0o600
    assert load_or_create_install_id(tmp_path / "other") != first


def test_processes_starting_together_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        for number in range(20):
            folder = tmp_path / str(number)
            assert len(set(pool.map(load_or_create_install_id, [folder] * 8))) == 1


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)


@pytest.mark.usefixtures("no_links")
def test_folders_without_links_agree_as_well(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(50):
            folder = tmp_path / str(number)
            assert len(set(pool.map(load_or_create_install_id, [folder] * 8))) == 1
            assert [path.name for path in folder.iterdir()] == ["install_id"]


@pytest.mark.parametrize("create", ["_create", "_create_without_link"])
def test_the_loser_takes_the_winners(tmp_path: Path, create: str) -> None:
    winner = load_or_create_install_id(tmp_path)
    path = tmp_path / "install_id"
    getattr(install_id, create)(*[path, b"loser\n"][: 1 if create == "_create" else 2])
    assert load_or_create_install_id(tmp_path) == winner


def test_a_file_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "install_id"
    path.touch()
    Timer(0.1, lambda: path.write_text("0123456789abcdef" * 2 + "\n")).start()
    assert load_or_create_install_id(tmp_path) == "0123456789abcdef" * 2


@pytest.mark.parametrize("content", ["0123456789abcdef" * 2, "0123456789abcdef" * 2 + " \r\n"])
def test_what_an_editor_does_to_the_end_is_forgiven(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_id, "WAIT_S", 0.05)
    (tmp_path / "install_id").write_text(content)
    assert load_or_create_install_id(tmp_path) == "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"abc\n", "damaged"),
        (b"\xff" * 32, "damaged"),
        (b"a" * 9999, "damaged"),
    ],
)
def test_an_empty_or_damaged_file_is_an_error_that_says_what_to_do(
    tmp_path: Path, content: bytes, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_id, "WAIT_S", 0.05)
    (tmp_path / "install_id").write_bytes(content)
    with pytest.raises(
        InstallIdError, match=f"install_id is {state}: put it back from a backup, or delete it"
    ):
        load_or_create_install_id(tmp_path)
    assert (tmp_path / "install_id").read_bytes() == content


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InstallIdError, match="cannot be read or written: FileExistsError"):
        load_or_create_install_id(tmp_path / "file")
    os.mkdir(tmp_path / "install_id")  # noqa: PTH102
    with pytest.raises(InstallIdError, match="cannot be read or written: IsADirectoryError"):
        load_or_create_install_id(tmp_path)
