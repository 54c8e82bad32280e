"""The certificate's file: private, whole or not there at all, and told when damaged."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from activation.client.keeping import (
    DamagedCertificateError,
    Kept,
    forget,
    keep,
    load_kept,
    usual_folder,
)

KEPT = Kept("https://example.org", "softphone", "lic_1", "act_1", "a.b.c", "d.e.f", "2026-11-22T15:45:00Z")


@pytest.fixture
def umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_what_is_kept_is_read_back(tmp_path):
    folder = tmp_path / "deep" / "folder"
    assert load_kept(folder) is None
    path = keep(folder, KEPT)
    assert path.parent == folder
    assert load_kept(folder) == KEPT
    newer = replace(KEPT, certificate="ü")
    keep(folder, newer)
    assert load_kept(folder) == newer
    assert [each.name for each in folder.iterdir()] == [path.name]


@pytest.mark.usefixtures("umask")
def test_nobody_else_may_read_it(tmp_path):
    path = keep(tmp_path / "folder", KEPT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert stat.S_IMODE(keep(path.parent, KEPT).stat().st_mode) == 0o600


@pytest.mark.parametrize("at", ["os.fsync", "pathlib.Path.replace"])
def test_a_write_that_fails_leaves_the_old_one(tmp_path, monkeypatch, at):
    keep(tmp_path, KEPT)

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(at, fail)
    with pytest.raises(OSError, match="full"):
        keep(tmp_path, replace(KEPT, certificate="new"))
    monkeypatch.undo()
    assert load_kept(tmp_path) == KEPT


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"{}",
        b"null",
        b'"text"',
        b"\x00" * 100,
        b'{"server":1}',
        b'{"server":"\xff\xfe"}',
        b"\xff" * 10,
    ],
)
def test_a_damaged_file_says_what_to_do(tmp_path, damaged):
    path = keep(tmp_path, KEPT)
    path.write_bytes(damaged)
    with pytest.raises(DamagedCertificateError, match="is damaged: delete it and activate again"):
        load_kept(tmp_path)


def test_every_cut_of_the_file_is_damaged(tmp_path):
    path = keep(tmp_path, KEPT)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedCertificateError):
            load_kept(tmp_path)


def test_forgetting_twice_is_harmless(tmp_path):
    keep(tmp_path, KEPT)
    for _ in range(2):
        forget(tmp_path)
        assert load_kept(tmp_path) is None


def test_the_usual_folder_is_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usual_folder().name == "softphone-activation"
    assert Path(tmp_path) in usual_folder().parents
