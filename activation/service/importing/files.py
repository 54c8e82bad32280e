"""Bringing an existing vendor's licences over: read ahead, draw passwords, store chunk by chunk.

Each chunk is one transaction that also says how far the import came. Passwords are written down and synced
just before that transaction ends: a crash leaves none unknown, and what was written for a chunk that did
not enter is taken out when the import goes on.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from activation.licensing.calendars import add_months
from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import account_of_login, shard_of
from activation.licensing.values import value
from activation.service.ids import IdSource, new_trace_id
from activation.service.importing.lines import Line, Problem, Reading, read_lines
from activation.service.importing.logins import Logins, MadeLogin
from activation.service.provisioning import draw_account
from activation.service.purchasing.buyers import digest_email
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.lending import RowRefusedError
from activation.storage.licenses.importing import (
    Chunk,
    ImportedAccount,
    ImportedLicenses,
    Tell,
    count_known,
    store_chunk,
)

CHUNK_LINES: Final = 5_000
CHUNK_LICENSES: Final = 50_000
TRIES: Final = 8


@value
class Lines:
    """Lines that go together, and the problems found among them. `until` is the last line's number."""

    until: int
    good: Sequence[Line]
    problems: Sequence[Problem]


@value
class Entered:
    """What became of some lines: how many accounts were made, licences given, lines taken."""

    until: int
    lines: int
    accounts: int
    licenses: int
    problems: Sequence[Problem]


@dataclass(slots=True)
class Import:
    """One file on its way in: where it is, how far it came, and what its accounts are made with."""

    path: Path
    digest: bytes
    after: int
    reading: Reading
    passwords: bytes = field(repr=False)
    ids: IdSource = field(default_factory=IdSource)
    trace_id: str = field(default_factory=new_trace_id)


@value
class _Drawn:
    chunk: Chunk
    logins: dict[int, MadeLogin]
    lines: Lines


async def store_file(connection: Connection, wanted: Import, logins: Logins) -> AsyncIterator[Entered]:
    """Store all lines after those that are in already; tell after each chunk what it came to."""
    drawing = _draw_all(wanted)
    drawn = await asyncio.to_thread(next, drawing, None)
    while drawn is not None:  # the next one is drawn while the database stores this one
        ahead = asyncio.create_task(asyncio.to_thread(next, drawing, None))
        yield await _store(connection, wanted, drawn, logins)
        drawn = await ahead


async def try_file(connection: Connection, wanted: Import) -> AsyncIterator[Entered]:
    """Read all lines and write nothing; tell what storing them would come to."""
    seen: set[int] = set()
    for lines in gather(read_lines(wanted.path, wanted.reading)):
        fresh = {account_of_login(line.login) for line in lines.good} - seen
        seen |= fresh
        known = await count_known(connection, sorted(fresh))
        licenses = sum(line.quantity for line in lines.good)
        yield Entered(lines.until, len(lines.good), len(fresh) - known, licenses, lines.problems)


def gather(read: Iterable[Line | list[Problem]]) -> Iterator[Lines]:
    """Gather lines into chunks of bounded size."""
    good: list[Line] = []
    problems: list[Problem] = []
    licenses = until = count = 0
    for one in read:
        count += 1
        if isinstance(one, Line):
            good.append(one)
            licenses += one.quantity
            until = one.number
        else:
            problems.extend(one)
            until = one[0].line
        if count >= CHUNK_LINES or licenses >= CHUNK_LICENSES:
            yield Lines(until, good, problems)
            good, problems, licenses, count = [], [], 0, 0
    if good or problems:
        yield Lines(until, good, problems)


def _draw_all(wanted: Import) -> Iterator[_Drawn]:
    after, seen = wanted.after, set[int]()
    for lines in gather(_after(wanted)):
        yield _draw(wanted, after, lines, seen)
        after = max(after, lines.until)


def _after(wanted: Import) -> Iterator[Line | list[Problem]]:
    """Read all lines, so that every problem is reported; those that are in already give nothing."""
    for one in read_lines(wanted.path, wanted.reading):
        if not isinstance(one, Line) or one.number > wanted.after:
            yield one


def _draw(wanted: Import, after: int, lines: Lines, seen: set[int]) -> _Drawn:
    accounts: list[ImportedAccount] = []
    licenses: list[ImportedLicenses] = []
    logins: dict[int, MadeLogin] = {}
    for line in lines.good:
        account_id = account_of_login(line.login)
        licenses.append(_licenses(wanted, line, account_id))
        if account_id not in seen:
            seen.add(account_id)
            made, account = draw_account(wanted.passwords, line.login)
            personal = [(kind, text) for kind, text in _personal(line) if text]
            digest = digest_email(wanted.passwords, line.email) if line.email else None
            accounts.append(ImportedAccount(account, line.number, personal, digest))
            logins[account_id] = MadeLogin(line.number, made.login, made.password)
    chunk = Chunk(wanted.digest, after, max(after, lines.until), accounts, licenses)
    return _Drawn(chunk, logins, lines)


def _personal(line: Line) -> tuple[tuple[PersonalField, str], ...]:
    return (
        (PersonalField.LOGIN, line.login),
        (PersonalField.NAME, line.name),
        (PersonalField.EMAIL, line.email),
    )


def _licenses(wanted: Import, line: Line, account_id: int) -> ImportedLicenses:
    shard = shard_of(account_id)
    license_ids = [wanted.ids.new(shard) for _ in range(line.quantity)]
    months = wanted.reading.update_months.get(line.product)
    until = None if months is None else add_months(line.since, months)
    return ImportedLicenses(account_id, line.product, license_ids, line.major, line.kind, line.since, until)


async def _store(connection: Connection, wanted: Import, drawn: _Drawn, logins: Logins) -> Entered:
    chunk, lines = drawn.chunk, drawn.lines

    def tell(made: Sequence[ImportedAccount], ended: Sequence[int]) -> list[Event]:
        logins.write([drawn.logins[one.account.account_id] for one in made])
        return [*_accounts_made(wanted, made), *_imported(wanted, lines), *_tests_ended(wanted, ended)]

    accounts = 0
    if chunk.until > chunk.after:
        accounts = await _store_soon(connection, chunk, wanted.reading.now, tell)
        logins.keep()
    licenses = sum(line.quantity for line in lines.good)
    return Entered(chunk.until, len(lines.good), accounts, licenses, lines.problems)


async def _store_soon(connection: Connection, chunk: Chunk, now: int, tell: Tell) -> int:
    """Store a chunk; try again when somebody else was in its way."""
    for _ in range(TRIES - 1):
        try:
            return await store_chunk(connection, chunk, now, tell)
        except RowRefusedError:
            continue
    return await store_chunk(connection, chunk, now, tell)


def _accounts_made(wanted: Import, made: Iterable[ImportedAccount]) -> Iterator[Event]:
    for one in made:
        yield _event(wanted, one.account.account_id, EventKind.ACCOUNT_MADE, "P2", None)


def _imported(wanted: Import, lines: Lines) -> Iterator[Event]:
    for line in lines.good:
        details = {"line": line.number, "product": line.product, "licenses": line.quantity}
        yield _event(wanted, account_of_login(line.login), EventKind.IMPORTED, "import", details)


def _tests_ended(wanted: Import, license_ids: Iterable[int]) -> Iterator[Event]:
    for license_id in license_ids:
        yield _event(wanted, license_id, EventKind.TEST_ENDED, "T5", None)


def _event(wanted: Import, about: int, kind: EventKind, rule: str, details: dict[str, int] | None) -> Event:
    event_id = wanted.ids.new(shard_of(about))
    told = json.dumps(details) if details else None
    return Event(about, event_id, kind, Actor.SYSTEM, rule, wanted.trace_id, details=told)
