"""Reads small files of /sys, /proc, /etc and /run below a root, which in tests is a copied tree.

Sources of one part are tried in order. When none of them has it, the most telling reason is kept: a
file that is closed to this user says more than a damaged one, and that more than one that is missing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from activation.client.reading.finding import Finding, Found, clean_value, explain_unread

MAX_BYTES = 1 << 20  # /proc/self/mountinfo of a busy container host is the largest file read

ReadBytes = Callable[[Path], bytes]
Convert = Callable[[bytes], str | None]
Source = tuple[str, Convert]


class Obstacle(IntEnum):
    """What stood between a reader and a file, the most telling last."""

    MISSING = 0
    DAMAGED = 1
    CLOSED = 2


class Unreadable(Exception):  # noqa: N818 - reads as a sentence where it is raised
    """A file that gave nothing, with the reason in plain English."""

    def __init__(self, obstacle: Obstacle, reason: str) -> None:
        super().__init__(reason)
        self.obstacle = obstacle
        self.reason = reason


def read_beginning(path: Path) -> bytes:
    """Read a file, but never more than MAX_BYTES of it."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


@dataclass(frozen=True, slots=True)
class SystemTree:
    """The files of one machine; paths are the machine's own (`/sys/…`), wherever the root lies."""

    root: Path
    read: ReadBytes = read_beginning

    def locate(self, path: str) -> Path:
        """Return where a path of the machine really lies."""
        return self.root / path.lstrip("/")

    def content(self, path: str) -> bytes:
        """Return a file's bytes, or raise Unreadable."""
        try:
            return self.read(self.locate(path))
        except PermissionError:
            raise Unreadable(Obstacle.CLOSED, f"only root may read {path}") from None
        except (FileNotFoundError, NotADirectoryError):
            raise Unreadable(Obstacle.MISSING, f"{path} is not there") from None
        except (OSError, ValueError):
            raise Unreadable(Obstacle.DAMAGED, f"{path} cannot be read") from None

    def text(self, path: str) -> str:
        """Return a file as text, empty when it cannot be read; bytes that are no text are marked."""
        try:
            return self.content(path).decode("utf-8", errors="replace")
        except Unreadable:
            return ""

    def names(self, path: str) -> list[str]:
        """Return what a folder holds, nothing when there is no such folder."""
        try:
            return sorted(entry.name for entry in self.locate(path).iterdir())
        except (OSError, ValueError):
            return []

    def has(self, path: str) -> bool:
        """Say whether a file, folder or link is there."""
        try:
            self.locate(path).lstat()
        except (OSError, ValueError):
            return False
        return True

    def resolve(self, path: str) -> str | None:
        """Follow all links; None when the way is a circle or leads out of the tree."""
        try:
            # Both ends are resolved: the root may itself be reached through a link.
            inside = self.locate(path).resolve().relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError):
            return None
        return f"/{inside.as_posix()}"


def convert_text(content: bytes) -> str | None:
    """Take a file that holds one value and nothing else."""
    try:
        return clean_value(content.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def read_source(tree: SystemTree, source: Source) -> str:
    """Return one source's value, or raise Unreadable."""
    path, convert = source
    content = tree.content(path)
    value = convert(content)
    if value is None:
        state = "holds no usable value" if content.strip(b" \t\r\n\0") else "is empty"
        raise Unreadable(Obstacle.DAMAGED, f"{path} {state}")
    return value


def find_first(tree: SystemTree, kind: str, sources: Iterable[Source], absent: str) -> Finding:
    """Return the first source's value that is there; `absent` is the reason when no file exists at all."""
    worst = Unreadable(Obstacle.MISSING, absent)
    for source in sources:
        try:
            return Found(kind, read_source(tree, source), source[0])
        except Unreadable as unreadable:
            if unreadable.obstacle > worst.obstacle:
                worst = unreadable
    return explain_unread(kind, worst.reason)
