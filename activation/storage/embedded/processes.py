"""Which processes belong to a database, whoever started them and whatever became of their parent.

Told by what everybody may see of a process, its user and its command line: its folder and its program
are hidden even from root in a container without CAP_SYS_PTRACE.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the command lines of one database's processes have in common, and their user."""

    uid: int
    cluster: str
    folders: tuple[Path, ...]

    def fit(self, uid: int, command: str) -> bool:
        """Whether a process of user `uid` with this command line is one of the database's."""
        if uid != self.uid:
            return False
        # The server's children write the name of their cluster over their command line.
        return command.startswith(f"postgres: {self.cluster}: ") or any(
            f"/{program} -D {folder} " in command + " "
            for program in ("postgres", "postgres --single", "initdb")
            for folder in self.folders
        )


def find_processes(marks: Marks) -> list[int]:
    """Return the ids of all living processes that bear `marks`."""
    return [pid for pid, uid, command in list_processes() if marks.fit(uid, command)]


def signal_processes(pids: list[int], number: int) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def is_one_of(marks: Marks, pid: int) -> bool:
    """Whether the process `pid` lives and bears `marks`."""
    return any(marks.fit(uid, command) for found, uid, command in list_processes(str(pid)) if found == pid)


def list_processes(only: str | None = None) -> Iterator[tuple[int, int, str]]:
    """Return id, user and command line of every process that can be seen, or of the `only` one asked for."""
    return _read_proc(only) if (PROC / "self" / "status").exists() else _ask_ps()


def _read_proc(only: str | None) -> Iterator[tuple[int, int, str]]:
    for name in [only] if only else [path.name for path in PROC.iterdir() if path.name.isdigit()]:
        # It may end while it is being looked at.
        with contextlib.suppress(OSError, StopIteration):
            status = (PROC / name / "status").read_bytes().splitlines()
            uid = next(int(line.split()[2]) for line in status if line.startswith(b"Uid:"))
            command = (PROC / name / "cmdline").read_bytes().rstrip(b"\0 ").replace(b"\0", b" ")
            yield int(name), uid, os.fsdecode(command)


def _ask_ps() -> Iterator[tuple[int, int, str]]:
    """Where there is no /proc, as on macOS."""
    ps = shutil.which("ps", path="/bin:/usr/bin")
    listing = subprocess.run(  # noqa: S603 - an absolute path, no shell
        [ps or "/bin/ps", "-axww", "-o", "pid=,uid=,command="], capture_output=True, check=True
    )
    for line in listing.stdout.splitlines():
        fields = line.split(None, 2)
        if len(fields) == 3:
            yield int(fields[0]), int(fields[1]), os.fsdecode(fields[2].rstrip())
