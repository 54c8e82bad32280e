"""Sealing: a signing key signs a Merkle root over all events that are complete, again and again.

Events are ordered by the number of their transaction, and only those are sealed below which no transaction is
under way any more: nothing is sealed too early, and nothing can be added to what was. One process seals at a
time; each seal is a transaction of its own and covers some hundred thousand events at most, or a whole one.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service import measures
from activation.service.desk import Desk
from activation.storage.auditing.seals import (
    Horizon,
    SealRow,
    add_seal,
    count_unsealed,
    hash_events,
    lock_sealing,
    read_horizon,
    read_last_seal,
    summarise_events,
)
from activation.storage.connection import Connection
from activation.storage.lending import lend
from crypto.errors import CertificateError
from crypto.keyring import NoSigningKey
from crypto.merkle import MerkleTree
from crypto.seals import NOTHING_BEFORE, Seal, hash_seal, issue_seal, read_seal

MOST_EVENTS: Final = 100_000
WIDEST: Final = 1 << 40
STRANGE: Final = (
    "This is another database than the one that was sealed last, or an older one: its transactions began"
    " anew. No event is sealed until somebody says that this is meant: activation audit adopt."
)
BROKEN: Final = "The last seal is not one any more: activation audit verify."
_NO_KEY: Final = "No key may sign seals now."
BUSY: Final = "Another process is sealing."

_log = structlog.get_logger("activation.seals")


@dataclass(slots=True)
class Pace:
    """How many transactions are looked at in one go, and up to which page the table is summarised."""

    width: int = 4096
    pages: int = 0
    most_events: int = MOST_EVENTS


@value
class Last:
    """Where the seals end: the number and hash of the last, its end, and what is added to transactions."""

    number: int
    until_xid: int
    offset: int
    hash: bytes


@value
class Sealed:
    """What one step came to: the seal, None where there was nothing to seal; `more` when it was not all."""

    seal: Seal | None
    more: bool


@value
class _Covered:
    """The events that a seal covers."""

    until_xid: int
    tree: MerkleTree
    more: bool


async def seal_events(desk: Desk, pace: Pace, stop: asyncio.Event) -> int | Refused:
    """Seal whatever is complete, in steps, until nothing is left or `stop`; return how many events were."""
    sealed = 0
    while not stop.is_set():
        async with lend(desk.pool) as connection:
            async with connection.transaction():
                done = await seal_some(connection, desk, pace)
            if isinstance(done, Refused):
                return done
            if done.seal is not None:
                sealed += done.seal.events
                measures.SEALED.inc(done.seal.events)
                pace.pages = await summarise_events(connection, pace.pages)
        if not done.more:
            break
    return sealed


async def seal_some(connection: Connection, desk: Desk, pace: Pace) -> Sealed | Refused:
    """Make one seal, in the caller's transaction."""
    if not await lock_sealing(connection):
        return Refused(Refusal.OVERLOADED, "seals", BUSY)
    row = await read_last_seal(connection)
    horizon = await read_horizon(connection)
    try:
        if row is not None and is_strange(row, horizon):
            return Refused(Refusal.CONFLICT, "seals", STRANGE)
        last = last_of(row)
    except CertificateError:
        return Refused(Refusal.CONFLICT, "seals", BROKEN)
    covered = await _cover(connection, last.until_xid, horizon.open_xid + last.offset, pace)
    if covered.tree.size == 0:
        return Sealed(None, covered.more)
    seal = Seal(
        desk.issuer,
        horizon.now,
        last.number + 1,
        horizon.database,
        last.offset,
        last.until_xid,
        covered.until_xid,
        covered.tree.size,
        covered.tree.root(),
        last.hash,
    )
    signed = await sign_seal(connection, desk, seal)
    return signed if isinstance(signed, Refused) else Sealed(seal, covered.more)


def is_strange(row: SealRow, horizon: Horizon) -> bool:
    """Tell whether this database is not the one of the last seal, or has gone back behind it."""
    seal = read_seal(row.signed)
    return seal.database != horizon.database or seal.until_xid > horizon.next_xid + seal.offset


def last_of(row: SealRow | None) -> Last:
    """Return where the seals end; the first begins with all that there ever was."""
    if row is None:
        return Last(0, 0, 0, NOTHING_BEFORE)
    seal = read_seal(row.signed)
    return Last(seal.number, seal.until_xid, seal.offset, hash_seal(row.signed))


async def sign_seal(connection: Connection, desk: Desk, seal: Seal) -> SealRow | Refused:
    """Sign a seal under the key that signs now, and store it."""
    ring = desk.maker.ring
    try:
        delegation = ring.active(seal.issued_at)
        signed = issue_seal(ring.signing_key(delegation.kid), seal)
    except NoSigningKey:
        return Refused(Refusal.UNAVAILABLE, "seals", _NO_KEY)
    row = SealRow(*columns_of(seal), signed, delegation.token)
    await add_seal(connection, row)
    return row


def columns_of(seal: Seal) -> tuple[int, int, int, int, bytes, bytes, int]:
    """Return what a seal says, as the columns of its row before `signed` say it."""
    return (
        seal.number,
        seal.from_xid,
        seal.until_xid,
        seal.events,
        seal.root,
        seal.before,
        seal.issued_at,
    )


async def _cover(connection: Connection, start: int, bound: int, pace: Pace) -> _Covered:
    """Read complete events from `start`, as many as one seal covers, and whole transactions only."""
    tree = MerkleTree()
    end, until = min(bound, start + pace.width), start - 1
    async with aclosing(hash_events(connection, start, end)) as events:
        async for hashed in events:
            if tree.size >= pace.most_events and hashed.xid > until:
                pace.width = max(1, until + 1 - start)
                return _Covered(until + 1, tree, more=True)
            until = hashed.xid
            tree.add_many(hashed.leaves)
    if tree.size <= pace.most_events // 2:
        pace.width = min(WIDEST, pace.width * 2)
    return _Covered(end, tree, more=end < bound)


async def measure_seals(desk: Desk) -> None:
    """Tell the metrics for how long the oldest event has waited for its seal."""
    async with lend(desk.pool) as connection:
        row = await read_last_seal(connection)
        horizon = await read_horizon(connection)
        since = await _waits_since(connection, row, horizon)
    now = horizon.now + desk.clock.shift_s
    measures.UNSEALED_S.set(0 if since is None else max(0, now - since))


async def _waits_since(connection: Connection, row: SealRow | None, horizon: Horizon) -> int | None:
    try:
        if row is not None and is_strange(row, horizon):
            return row.sealed_at
        last = last_of(row)
    except CertificateError:
        return row.sealed_at if row is not None else None
    _, since = await count_unsealed(connection, last.until_xid)
    return since
