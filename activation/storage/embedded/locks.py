"""A lock that the kernel gives back by itself, however its holder ends."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An exclusive lock on a file; a program that inherits its descriptor holds it too while it lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file that carries the lock; only while it is held."""
        assert self._descriptor is not None  # noqa: S101 - a mistake in this package, not a state
        return self._descriptor

    def acquire(self) -> bool:
        """Take the lock, or keep it when it is held already; False when somebody else holds it.

        Raises OSError when the file cannot be made.
        """
        if self._descriptor is not None:
            return True
        descriptor = open_private(self._path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; programs that were started with it keep it."""
        # Closed, never unlocked: unlocking would take it from those programs as well.
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours in the folder that the server's user may write, made with mode 0600 when missing.

    Raises OSError, also when a symbolic link is there.
    """
    # Root opens files where another user may have put a link to one of root's own.
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
