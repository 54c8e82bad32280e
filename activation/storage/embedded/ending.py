"""Waiting for a database's last process to end, and helping where it does not."""

import signal
import time

from activation.storage.embedded.failure import EmbeddedPostgresError
from activation.storage.embedded.locks import FileLock
from activation.storage.embedded.processes import Marks, find_processes, signal_processes

PAUSE_S = 0.02
PATIENCE_S = 5.0


def wait_until_gone(marks: Marks, alive: FileLock, timeout_s: float) -> bool:
    """Wait until no process is left, and then hold `alive`; False when time runs out."""
    deadline = time.monotonic() + timeout_s
    while find_processes(marks) or not alive.acquire():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True


def end_all(marks: Marks, alive: FileLock) -> None:
    """End every process there still is, without ado, and hold `alive` when the last is gone.

    Raises EmbeddedPostgresError when one cannot be ended, or is out of sight.
    """
    since = time.monotonic()
    while (pids := find_processes(marks)) or not alive.acquire():
        waited = time.monotonic() - since
        if waited > 2 * PATIENCE_S:
            raise EmbeddedPostgresError(
                f"A server already runs on this database but cannot be seen or ended from here: {pids or ''}"
                " perhaps in another container that shares the folder, or started under another path."
            )
        # SIGQUIT: end at once, as PostgreSQL's immediate shutdown does; what is written is safe in the WAL.
        signal_processes(pids, signal.SIGQUIT if waited < PATIENCE_S else signal.SIGKILL)
        time.sleep(PAUSE_S)
