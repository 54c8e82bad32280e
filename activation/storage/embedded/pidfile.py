"""postmaster.pid: what a running server says of itself."""

import os
from dataclasses import dataclass
from pathlib import Path

LINES = 8
MOST_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Pidfile:
    """The lines of postmaster.pid that matter here; they may be those of a server long dead."""

    pid: int
    port: int
    socket_folder: Path
    status: str

    @property
    def ready(self) -> bool:
        """Whether the server takes connections."""
        return self.status == "ready"


def read_pidfile(data: Path) -> Pidfile | None:
    """Return what postmaster.pid in the folder `data` says; None while it is missing or half written."""
    try:
        with (data / "postmaster.pid").open("rb") as file:
            lines = file.read(MOST_BYTES).split(b"\n")
        # pid, data folder, start time, port, socket folder, address, shared memory, status
        return Pidfile(
            pid=int(lines[0]),
            port=int(lines[3]),
            socket_folder=Path(os.fsdecode(lines[4])),
            status=lines[LINES - 1].strip().decode("ascii"),
        )
    except (OSError, ValueError, IndexError):
        return None


def remove_pidfile(data: Path) -> None:
    """Remove the postmaster.pid that a killed server left.

    PostgreSQL would take any process of ours that has its old number by now, after a restart of the
    machine or in a new container, for that server, and refuse to start.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
