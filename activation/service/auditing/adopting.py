"""Adopting: somebody says that a database that was restored elsewhere goes on where the seals ended.

A dump that is restored into a new database counts its transactions anew, often from below those that were
sealed. From then on a number is added to them, so that they go on behind the last one. The first seal of the
new database says which it is, and what is added.
"""

from activation.licensing.events import EventKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.auditing.sealing import BROKEN, BUSY, is_strange, last_of, sign_seal
from activation.service.working import Work
from activation.storage.auditing.seals import (
    Restart,
    begin_anew,
    hash_events,
    hold_events,
    lock_sealing,
    read_horizon,
    read_last_seal,
)
from crypto.errors import CertificateError
from crypto.merkle import MerkleTree
from crypto.seals import Seal

_KNOWN = "This is the database that was sealed last: there is nothing to adopt."


@value
class Adopted:
    """The first seal of the database, and how many events were moved behind the seals before it."""

    seal: Seal
    moved: int


async def adopt_database(work: Work) -> Adopted | Refused:
    """Go on sealing in this database; what was written here before is sealed too."""
    connection = work.connection
    if not await lock_sealing(connection):
        return Refused(Refusal.OVERLOADED, "seals", BUSY)
    row = await read_last_seal(connection)
    try:
        if row is None or not is_strange(row, await read_horizon(connection)):
            return Refused(Refusal.CONFLICT, "seals", _KNOWN)
        last = last_of(row)
    except CertificateError:
        return Refused(Refusal.CONFLICT, "seals", BROKEN)
    # Behind all that there is, whatever number its own transactions have reached.
    offset = max(await hold_events(connection), last.until_xid) + 1
    moved = await begin_anew(connection, Restart(offset, last.offset, last.until_xid, row.sealed_at))
    horizon = await read_horizon(connection)
    until = horizon.open_xid + offset
    tree = MerkleTree()
    async for hashed in hash_events(connection, last.until_xid, until):
        tree.add_many(hashed.leaves)
    seal = Seal(
        work.desk.issuer,
        horizon.now,
        last.number + 1,
        horizon.database,
        offset,
        last.until_xid,
        until,
        tree.size,
        tree.root(),
        last.hash,
    )
    signed = await sign_seal(connection, work.desk, seal)
    if isinstance(signed, Refused):
        return signed
    await work.tell(EventKind.SEALS_ADOPTED, 0, "audit", {"seal": seal.number, "moved": moved})
    return Adopted(seal, moved)
