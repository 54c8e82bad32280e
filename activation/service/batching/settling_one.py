"""A change of one holding within an act's own transaction: a batch of one, behind a lock.

The lock makes a batch under way lose the race and decide again, as if it had come later.
"""

from collections.abc import Iterable

from activation.licensing.events import Event
from activation.licensing.model import Holding
from activation.licensing.values import value
from activation.licensing.verdicts import Granted
from activation.service.peppering.keeping_up import assert_known
from activation.service.working import Work
from activation.storage.events import add_events
from activation.storage.lending import RowRefusedError
from activation.storage.reading import Ask, lock_holdings, read_holdings
from activation.storage.writing import HoldingWrite, write_changes


@value
class Locked:
    """A holding as it is and stays until the transaction ends, and the database's clock (seconds)."""

    holding: Holding
    now: int


async def lock_holding(work: Work, ask: Ask) -> Locked | None:
    """Lock and read the holding that `ask` names; None when there is none. Raises PepperBehindError."""
    await lock_holdings(work.connection, [ask])
    facts = await read_holdings(work.connection, [ask], work.desk.clock.shift_s)
    assert_known(work.desk, facts.pepper_used)
    holding = facts.holdings[0]
    return None if holding is None else Locked(holding, facts.now)


async def write_granted(work: Work, holding: Holding, granted: Granted, events: Iterable[Event] = ()) -> None:
    """Write what was granted on a holding that is locked, and the events that tell of it."""
    write = HoldingWrite(holding, list(granted.changes))
    if await write_changes(work.connection, [write], work.desk.pepper_version) != [True]:
        raise RowRefusedError("holding")
    await add_events(work.connection, [work.attribute(event) for event in events])
