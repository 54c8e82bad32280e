"""G3: data that is kept but not used (GDPR Art. 18), and use that a person objects to (Art. 21)."""

from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.privacy.consenting import Wishes
from activation.licensing.verdicts import Refusal, Refused
from activation.service.privacy.persons import hold_open
from activation.service.working import Work
from activation.storage.privacy.wishes import set_objected, set_restricted

_FREE: Final = "The account is not restricted."
_NO_OBJECTION: Final = "There is no objection."


async def restrict(work: Work, account_id: int) -> Wishes | Refused:
    """Keep the account's data, and use it for its licences alone; again changes nothing."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused) or held.restricted_at is not None:
        return held
    await set_restricted(work.connection, account_id, work.now)
    await work.tell(EventKind.RESTRICTED, account_id, "G3")
    return Wishes(work.now, held.objected_at)


async def lift(work: Work, account_id: int) -> Wishes | Refused:
    """End a restriction. The person is told of it first, by mail (Art. 18(3))."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    if held.restricted_at is None:
        return Refused(Refusal.CONFLICT, "G3", _FREE)
    await set_restricted(work.connection, account_id, None)
    await work.tell(EventKind.RESTRICTION_LIFTED, account_id, "G3")
    await work.mail(account_id, "restriction_lifted", {"lifted_at": work.now})
    return Wishes(None, held.objected_at)


async def object_to_use(work: Work, account_id: int) -> Wishes | Refused:
    """Record an objection: nothing beyond the contract from now on, whatever was consented to."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused) or held.objected_at is not None:
        return held
    await set_objected(work.connection, account_id, work.now)
    await work.tell(EventKind.OBJECTED, account_id, "G3")
    return Wishes(held.restricted_at, work.now)


async def withdraw_objection(work: Work, account_id: int) -> Wishes | Refused:
    """End an objection at the person's wish: consent counts again."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    if held.objected_at is None:
        return Refused(Refusal.CONFLICT, "G3", _NO_OBJECTION)
    await set_objected(work.connection, account_id, None)
    await work.tell(EventKind.OBJECTED, account_id, "G3", {"withdrawn": True})
    return Wishes(held.restricted_at, None)
