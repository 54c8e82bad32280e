"""What this package raises when the database server cannot do as told."""

from pathlib import Path

TAIL_LINES = 15
TAIL_BYTES = 8192


class EmbeddedPostgresError(RuntimeError):
    """The embedded database cannot be made, started or stopped; the message says why and what to do."""


def log_tail(log: Path) -> str:
    """Return the last lines of a server log, ready to end an error message; empty when there are none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return f"\nLast lines of {log}:\n" + "\n".join(lines[-TAIL_LINES:]) if lines else ""
