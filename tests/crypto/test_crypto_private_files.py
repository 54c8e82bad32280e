import os
import stat
from pathlib import Path

import pytest

from crypto import private_files


def test_a_file_gets_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    former = os.umask(0o377)
    try:
        private_files.create_file(tmp_path / "private", "a", private_files.PRIVATE)
        private_files.replace_file(tmp_path / "public", "b", private_files.PUBLIC)
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644


def test_replacing_changes_the_text_and_leaves_no_draft(tmp_path: Path) -> None:
    for text in ("one", "two"):
        private_files.replace_file(tmp_path / "a", text, private_files.PRIVATE)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "two")]


def test_a_failed_write_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private_files.replace_file(tmp_path / "a", "old", private_files.PRIVATE)

    def fail(handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        private_files.replace_file(tmp_path / "a", "new", private_files.PRIVATE)
    with pytest.raises(OSError, match="disk full"):
        private_files.create_file(tmp_path / "b", "new", private_files.PRIVATE)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_file_and_folder_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = []
    fsync = os.fsync

    def note(handle: int) -> None:
        kinds.append(stat.S_IFMT(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    private_files.create_file(tmp_path / "a", "text", private_files.PRIVATE)
    assert kinds == [stat.S_IFREG, stat.S_IFDIR]


def test_where_folders_cannot_be_opened_files_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    private_files.create_file(tmp_path / "a", "text", private_files.PRIVATE)
    assert private_files.read_private(tmp_path / "a") == "text"


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        private_files.read_private(tmp_path / "a")


AS_ROOT = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")


@AS_ROOT
def test_what_root_replaces_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "pepper.json"
    private_files.create_file(path, "old", private_files.PRIVATE)
    os.chown(path, 4711, 4712)
    private_files.replace_file(path, "new", private_files.PRIVATE)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (4711, 4712, 0o600)
    assert path.read_text() == "new"


def test_what_cannot_stay_its_owners_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pepper.json"
    private_files.create_file(path, "old", private_files.PRIVATE)
    real = Path.stat

    def others(self: Path, **given: bool) -> os.stat_result:
        found = real(self, **given)
        return os.stat_result([*found[:4], found.st_uid + 1, *found[5:]]) if self == path else found

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "stat", others)
    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(PermissionError, match="replace it as that user"):
        private_files.replace_file(path, "new", private_files.PRIVATE)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("pepper.json", "old")]
