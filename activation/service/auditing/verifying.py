"""Checking the log against its seals: every root is derived again, from the first event to the last.

It reads one state of the database, some hundred thousand events at a time, so that a log of any length can be
checked while servers write.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from activation.service.auditing.checkpoints import Checkpoint
from activation.service.auditing.findings import Findings, tell_difference
from activation.service.auditing.following import Chain, Trust, follow
from activation.service.auditing.whence import is_beyond_telling, is_unchanged
from activation.storage.addresses import read_addresses
from activation.storage.auditing.seals import (
    Horizon,
    SealRow,
    count_outside,
    count_unsealed,
    hash_events,
    list_rewritten,
    list_seals,
    read_horizon,
)
from activation.storage.connection import Connection
from crypto.merkle import MerkleTree
from crypto.seals import Seal

SEALS_AT_ONCE: Final = 1000
EVENTS_AT_ONCE: Final = 500_000
LATE_S: Final = 3600
"""For so long an event may wait for its seal, in seconds, until that is a finding."""
NAMED: Final = 20
_UNADOPTED: Final = (
    "this is another database than the one that was sealed last, or an older one, and nobody has said"
    " that this is meant: activation audit adopt"
)
_UNTOLD: Final = (
    "{} addresses were noted under a version of the pepper that was retired since:"
    " whether they are those that their events were written with cannot be told any more."
)


async def verify_log(connection: Connection, trust: Trust, checkpoints: Mapping[int, Checkpoint]) -> Findings:
    """Derive all seals again, and compare them with those that were exported.

    In the caller's transaction, which must see one state of the database throughout.
    """
    chain = Chain(trust, Findings(checkpoints=len(checkpoints)), dict(checkpoints))
    horizon = await read_horizon(connection)
    async for group in _groups(connection):
        seals = [follow(chain, row) for row in group]
        await _derive(connection, chain.findings, seals, horizon)
    for number in sorted(chain.checkpoints):
        chain.findings.add(number, "was exported, and is gone")
    await _look_behind(connection, chain, horizon)
    await _check_addresses(connection, chain)
    if chain.leaked:
        chain.findings.notes.append(
            f"Seals {chain.leaked[0]} to {chain.leaked[-1]} are signed by a key that leaked:"
            " believe them as far as later ones or checkpoints from before bear them out."
        )
    return chain.findings


async def _groups(connection: Connection) -> AsyncIterator[Sequence[SealRow]]:
    """Yield the seals in their order, some hundred thousand events at a time."""
    group: list[SealRow] = []
    events = 0
    after = -(1 << 63)
    while rows := await list_seals(connection, after, SEALS_AT_ONCE):
        for row in rows:
            group.append(row)
            events += row.events
            if events >= EVENTS_AT_ONCE or len(group) == SEALS_AT_ONCE:
                yield group
                group, events = [], 0
        after = rows[-1].number
    if group:
        yield group


async def _derive(
    connection: Connection, findings: Findings, seals: Sequence[Seal], horizon: Horizon
) -> None:
    """Derive the roots of seals that follow each other, in one read of their events."""
    events = hash_events(connection, seals[0].from_xid, seals[-1].until_xid)
    broken: list[tuple[Seal, int]] = []
    hashed = await anext(events, None)
    for seal in seals:
        tree = MerkleTree()
        while hashed is not None and hashed.xid < seal.until_xid:
            if hashed.xid >= seal.from_xid:
                tree.add_many(hashed.leaves)
            hashed = await anext(events, None)
        findings.events += tree.size
        if tree.size != seal.events or tree.root() != seal.root:
            broken.append((seal, tree.size))
    for seal, found in broken:
        here = seal.database == horizon.database
        span = connection, seal.from_xid, seal.until_xid, seal.offset
        rewritten = await list_rewritten(*span, NAMED) if here else ()
        findings.add(seal.number, tell_difference(seal, found, rewritten))


async def _look_behind(connection: Connection, chain: Chain, horizon: Horizon) -> None:
    """Look at what no seal covers: what waits for one, and what no transaction can have written."""
    findings = chain.findings
    if chain.database and (
        chain.database != horizon.database or chain.until_xid > horizon.next_xid + chain.offset
    ):
        findings.add(None, _UNADOPTED)
    findings.unsealed, since = await count_unsealed(connection, chain.until_xid)
    findings.unsealed_s = 0 if since is None else max(0, horizon.now - since)
    if findings.unsealed_s > LATE_S:
        findings.add(None, f"{findings.unsealed} events wait for a seal, since {findings.unsealed_s} s")
    below, above = await count_outside(connection, horizon.next_xid + chain.offset)
    if below:
        findings.add(None, f"{below} events name a transaction that cannot have been")
    if above:
        findings.add(None, f"{above} events name a transaction that has not begun")


async def _check_addresses(connection: Connection, chain: Chain) -> None:
    """Check the addresses that are still kept against the digests in their events."""
    findings, trust = chain.findings, chain.trust
    wrong = untold = 0
    async for noted in read_addresses(connection):
        findings.addresses += 1
        digest = noted.digest
        if digest is not None and any(
            is_unchanged(key, noted.event_id, noted.address, digest) for key in trust.address_keys
        ):
            continue
        # When it happened is sealed: nobody makes a forgery old.
        if digest is not None and is_beyond_telling(noted.happened_at, trust.address_gaps):
            untold += 1
        else:
            wrong += 1
    if untold:
        findings.notes.append(_UNTOLD.format(untold))
    if wrong:
        findings.add(None, f"{wrong} addresses are not those that their events were written with")
