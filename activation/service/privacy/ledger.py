"""G5: the ledger of erasures, in a file beside the database, so that restoring a backup brings nobody back.

A line is written and flushed to disk before the erasure commits: the file runs ahead of the database and
never behind it. Whoever it names and the database lacks is erased when a server starts. It names accounts by
number and nobody by name; one line is one JSON object
`{"erased": "acc_…", "at": 1795398000, "database": "0b9d6fe6-…"}`: a file that came to another database erases
nobody there.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from activation.licensing.identifiers import ACCOUNT, from_text, to_text
from activation.licensing.values import value


class LedgerError(Exception):
    """The ledger's file cannot be read; the text names the line."""


@value
class Entry:
    """Who was erased, by number, when (seconds since 1970), and in which database; old lines do not say."""

    erased_id: int
    at: int
    database: str | None = None

    def line(self) -> str:
        """Return the entry as it stands in the file."""
        told = {"erased": to_text(ACCOUNT, self.erased_id), "at": self.at}
        named = {} if self.database is None else {"database": self.database}
        return json.dumps(told | named) + "\n"


def entries_of(database: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that are of this database, all under its name.

    Those that name none are, unless another line of the file names another database.
    """
    known = {None, database} if {one.database for one in entries} <= {None, database} else {database}
    return [replace(one, database=database) for one in entries if one.database in known]


@value
class ErasureLedger:
    """The file of one data folder."""

    path: Path

    def append(self, entries: Iterable[Entry]) -> None:
        """Write entries and wait until the disk has them. Raises OSError."""
        text = "".join(entry.line() for entry in entries)
        if not text:
            return
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # A line that a crash cut off must not swallow the next one.
            size = os.fstat(handle).st_size
            whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
            os.write(handle, (text if whole else "\n" + text).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _flush_folder(self.path.parent)

    def read(self) -> list[Entry]:
        """Return every entry, none without a file. Raises LedgerError for a line that is no entry."""
        if not self.path.exists():
            return []
        return list(read_entries(self.path.read_text("utf-8")))


def read_entries(text: str) -> Iterator[Entry]:
    """Walk over the entries of a ledger's text.

    What a crash cut off is left out: it was never acknowledged. Raises LedgerError for any other line.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is not None:
            yield entry
        elif line.endswith("}"):
            raise LedgerError(f"line {number} of the ledger is no erasure")


def _entry(line: str) -> Entry | None:
    try:
        told = json.loads(line)
        erased_id, at = from_text(ACCOUNT, told["erased"]), int(told["at"])
        database = told.get("database")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if erased_id is None or not isinstance(database, str | None):
        return None
    return Entry(erased_id, at, database)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
