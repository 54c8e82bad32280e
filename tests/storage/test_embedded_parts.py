"""The parts that need no server: files, sockets, processes, and whom the server runs as."""

import os
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from activation.storage.embedded import EmbeddedPostgresError, home, processes, sockets
from activation.storage.embedded.failure import TAIL_LINES, log_tail
from activation.storage.embedded.home import LOG_BYTES, Account, Home, choose_account, open_log
from activation.storage.embedded.pidfile import read_pidfile


def test_somebody_elses_folder_is_not_trusted_with_the_socket(tmp_path: Path) -> None:
    uid = os.geteuid()
    target = tmp_path / "theirs"
    target.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("link", "open"):
        with pytest.raises(EmbeddedPostgresError, match="not a private folder"):
            sockets.make_socket_folder(tmp_path / name, uid, os.getegid())


def test_a_temporary_folder_that_is_too_deep_as_well_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets.tempfile, "gettempdir", lambda: "/" + "deep/" * 20)
    with pytest.raises(EmbeddedPostgresError, match="shorter ACTIVATION_DATA_DIR or TMPDIR"):
        sockets.choose_socket_folder(Path("/" + "deep/" * 20))


def test_a_half_written_pid_file_says_nothing(tmp_path: Path) -> None:
    assert read_pidfile(tmp_path) is None
    (tmp_path / "postmaster.pid").write_text("123\n/data\n")
    assert read_pidfile(tmp_path) is None


def test_only_the_servers_own_processes_bear_its_marks() -> None:
    marks = processes.Marks(uid=70, cluster="activation-1", folders=(Path("/a b/data"),))
    assert marks.fit(70, "/bin dir/postgres -D /a b/data -c fsync=on")
    assert marks.fit(70, "/bin/initdb -D /a b/data")
    assert marks.fit(70, "postgres: activation-1: checkpointer ")
    assert not marks.fit(0, "/bin dir/postgres -D /a b/data -c fsync=on")
    assert not marks.fit(70, "/bin dir/postgres -D /a b/data2")
    assert not marks.fit(70, "postgres: activation-12: checkpointer ")
    assert not marks.fit(70, "tail -f /a b/data")


def test_processes_are_seen_without_proc_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60.25"]) as sleeper:
        # A process that has just begun shows no command line for a moment.
        while (sleeper.pid, os.geteuid(), "") in processes.list_processes(str(sleeper.pid)):
            time.sleep(0.001)
        seen = [found for found in processes.list_processes() if found[0] == sleeper.pid]
        assert seen == [(sleeper.pid, os.geteuid(), "sleep 60.25")]
        monkeypatch.setattr(processes, "PROC", tmp_path)
        assert [found for found in processes.list_processes() if found[0] == sleeper.pid] == seen
        sleeper.kill()


def test_the_last_lines_of_the_log_are_quoted(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    assert log_tail(log) == ""
    log.write_text("".join(f"line {n}\n" for n in range(5000)))
    assert log_tail(log).splitlines()[2:] == [f"line {n}" for n in range(5000 - TAIL_LINES, 5000)]


def test_a_large_log_makes_way_and_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    own, account = Home(tmp_path), Account(os.geteuid(), os.getegid())
    with own.log.open("wb") as file:
        file.truncate(LOG_BYTES + 1)
    os.close(open_log(own, account))
    assert own.log.stat().st_size == 0
    assert (tmp_path / "postgres.log.1").stat().st_size == LOG_BYTES + 1
    own.log.unlink()
    (tmp_path / "secret").touch()
    own.log.symlink_to("secret")
    with pytest.raises(OSError, match="symbolic link"):
        open_log(own, account)


def test_somebody_elses_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.os, "geteuid", lambda: 12345)
    with pytest.raises(EmbeddedPostgresError, match=rf"{tmp_path} belongs to user .*, not to user 12345"):
        choose_account(Home(tmp_path))


@pytest.mark.parametrize(
    ("there", "chosen"), [({"postgres": 70, "nobody": 99}, 70), ({"nobody": 99}, 99)], ids=str
)
def test_root_prefers_the_user_that_is_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: dict[str, int], chosen: int
) -> None:
    monkeypatch.setattr(home.os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        home.pwd, "getpwnam", lambda name: SimpleNamespace(pw_uid=there[name], pw_gid=there[name])
    )
    assert choose_account(Home(tmp_path / "not there")) == Account(chosen, chosen)


def test_root_without_any_other_user_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.os, "geteuid", lambda: 0)
    monkeypatch.setattr(home.pwd, "getpwnam", {}.__getitem__)
    with pytest.raises(EmbeddedPostgresError, match="no user `nobody`"):
        choose_account(Home(tmp_path / "not there"))
