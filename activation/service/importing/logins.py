"""The generated logins of an import: a CSV file of mode 0600, the only place where its passwords ever stand.

A row is written and synced before the transaction that makes its account ends, and counts once that ended.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import IO, Final, Self

from activation.licensing.values import value

HEADER: Final = ("import", "line", "login", "password")
_NAME_LETTERS: Final = 16


@value
class MadeLogin:
    """What somebody logs in with, and the line that named it first."""

    line: int
    login: str
    password: str = field(repr=False)


class Logins:
    """A file of logins that grows with its import."""

    def __init__(self, file: IO[str], name: str) -> None:
        self._file = file
        self._name = name
        self._kept = file.tell()

    @classmethod
    def open(cls, path: Path, digest: bytes, done_lines: int) -> Self:
        """Make the file, or go on with the one that an earlier run of the same import left.

        Rows of lines after `done_lines` are taken out: their accounts were never made. Raises FileExistsError
        when the file is something else.
        """
        name = digest.hex()[:_NAME_LETTERS]
        rows = list(_earlier_rows(path, name, done_lines)) if path.exists() else []
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        csv.writer(file).writerows([HEADER, *rows])
        file.flush()
        os.fsync(descriptor)
        fresh.replace(path)
        return cls(file, name)

    def write(self, made: Sequence[MadeLogin]) -> None:
        """Write rows that count once `keep` is called; those written before and never kept are taken back."""
        self._file.seek(self._kept)
        self._file.truncate()
        csv.writer(self._file).writerows((self._name, one.line, one.login, one.password) for one in made)
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self) -> None:
        """Let what was written count: its accounts are made."""
        self._kept = self._file.tell()

    def close(self) -> None:
        """Close the file, without what was never kept."""
        self._file.truncate(self._kept)
        self._file.close()


def _earlier_rows(path: Path, name: str, done_lines: int) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != HEADER:
            raise FileExistsError(f"{path} exists and is no file of an import's logins.")
        for row in reader:
            if row[:1] != [name]:
                raise FileExistsError(f"{path} holds the logins of another import.")
            # A crash may have left half a row behind: its account was never made.
            if len(row) == len(HEADER) and int(row[1]) <= done_lines:
                yield row
