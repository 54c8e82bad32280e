"""As root and as an ordinary user: who the server runs as, and that no permission is changed for it."""

import asyncio
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from activation.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    find_binaries,
    launching,
)
from activation.storage.embedded.home import Account, Home, choose_account

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: needs root")

ROOT_FOLDER = Path("/root")
CAP_DAC_READ_SEARCH = 1 << 2
SYSTEM_PYTHON = "/usr/bin/python3"
AS_ORDINARY_USER = """
import os, subprocess, sys
from pathlib import Path
from activation.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError, find_binaries
own, foreign, bin_dir = map(Path, sys.argv[1:])
with EmbeddedPostgres(own, bin_dir=bin_dir) as server:
    query = [bin_dir / "psql", server.start(), "-Atc", "SELECT 'reached'"]
    print(subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip())
    print(own.stat().st_uid == os.getuid() == (own / "data" / "postmaster.pid").stat().st_uid)
print(server.is_running())
try:
    EmbeddedPostgres(foreign, bin_dir=bin_dir).start()
except EmbeddedPostgresError as error:
    print(error)
"""


@pytest.fixture
def closed_place() -> Iterator[Path]:
    """A folder that the server's user cannot pass through to."""
    if ROOT_FOLDER.stat().st_mode & stat.S_IXOTH:
        pytest.skip("NOT TESTED: everybody may pass through /root here")
    place = Path(tempfile.mkdtemp(dir=ROOT_FOLDER, prefix="embedded test "))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def open_place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(dir="/tmp", prefix="embedded-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def ordinary_user() -> Iterator[pwd.struct_passwd]:
    name = f"embedded{os.getpid()}"
    if shutil.which("useradd") is None:
        pytest.skip("NOT TESTED as an ordinary user: there is no useradd")
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    yield pwd.getpwnam(name)
    subprocess.run(["userdel", name], check=True)


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    return {p: (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in [path, *path.parents]}


def status_of_server(folder: Path) -> dict[str, str]:
    pid = (folder / "data" / "postmaster.pid").read_text().split()[0]
    lines = Path("/proc", pid, "status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def as_superuser(dsn: str, statement: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(dsn, user="postgres")
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


@root_only
def test_under_a_closed_folder_it_may_pass_through_and_nothing_else(closed_place: Path) -> None:
    before = modes(closed_place)
    folder = closed_place / "pg"
    with EmbeddedPostgres(folder) as server:
        status = status_of_server(folder)
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == CAP_DAC_READ_SEARCH
        assert status["Groups"] == ""
        with pytest.raises(asyncpg.PostgresError, match="Permission denied"):
            as_superuser(server.start(), f"COPY (SELECT 1) TO '{closed_place}/written'")
    assert modes(closed_place) == before


@root_only
def test_in_an_open_place_it_has_no_rights_beyond_its_user(open_place: Path) -> None:
    before = modes(open_place)
    folder = open_place / "pg"
    # The project itself may lie under /root; Debian's programs are where everybody may run them.
    debian = Path("/usr/lib/postgresql/15/bin")
    with EmbeddedPostgres(folder, bin_dir=debian if debian.is_dir() else None):
        status = status_of_server(folder)
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) == 0
    assert modes(open_place) == before


@root_only
def test_without_setpriv_a_closed_folder_is_refused_with_advice(
    closed_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "TOOLS", "/nonexistent")
    server = EmbeddedPostgres(closed_place / "pg")
    with pytest.raises(EmbeddedPostgresError, match=r"Choose an ACTIVATION_DATA_DIR.*setpriv"):
        server.start()
    assert not server.is_running()


@root_only
def test_programs_that_the_user_may_not_run_are_refused_with_advice(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_dir = open_place / "bin"
    bin_dir.mkdir()
    (bin_dir / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.0'\n")
    (bin_dir / "postgres").chmod(0o700)
    with pytest.raises(EmbeddedPostgresError, match=rf"cannot reach .* or {bin_dir}"):
        EmbeddedPostgres(open_place / "pg", bin_dir=bin_dir).start()


@root_only
def test_a_copy_that_root_made_becomes_the_servers_again(open_place: Path) -> None:
    with EmbeddedPostgres(open_place / "pg"):
        pass
    subprocess.run(["cp", "-r", "--preserve=mode", open_place / "pg", open_place / "copy"], check=True)
    assert (open_place / "copy" / "data").stat().st_uid == 0
    with EmbeddedPostgres(open_place / "copy") as server:
        assert server.is_running()


@root_only
def test_an_ordinary_user_runs_it_too_but_not_in_anothers_folder(
    open_place: Path, ordinary_user: pwd.struct_passwd
) -> None:
    project, bin_dir = Path(__file__).parents[2], find_binaries()
    reach = [SYSTEM_PYTHON, "-c", "import sys; assert sys.version_info >= (3, 11); open(sys.argv[1])"]
    reach.append(str(project / "activation" / "__init__.py"))
    identity = {"user": ordinary_user.pw_uid, "group": ordinary_user.pw_gid, "extra_groups": ()}
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run(reach, **identity, check=False).returncode:
        pytest.skip(f"NOT TESTED as an ordinary user: {SYSTEM_PYTHON} cannot be used on {project}")
    own, foreign = open_place / "own", open_place / "foreign"
    own.mkdir()
    os.chown(own, ordinary_user.pw_uid, ordinary_user.pw_gid)
    foreign.mkdir()
    done = subprocess.run(
        [SYSTEM_PYTHON, "-B", "-c", AS_ORDINARY_USER, own, foreign, bin_dir],
        env={"PYTHONPATH": str(project)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **identity,
    )
    assert done.stderr == ""
    answers = done.stdout.splitlines()
    assert answers[:3] == ["reached", "True", "False"]
    assert f"{foreign} belongs to user 0" in answers[3]
    # Root finds the folder later, and leaves it to its user.
    assert choose_account(Home(own)) == Account(ordinary_user.pw_uid, ordinary_user.pw_gid)


def test_an_ordinary_user_needs_no_help_to_run_its_own_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching.os, "geteuid", lambda: 1000)
    launcher = launching.choose_launcher(Account(1000, 1000), tmp_path, (tmp_path, tmp_path))
    assert launcher == launching.Launcher()
