"""R5: a reset by staff is undone while no new device has activated: the old activation is current again."""

from dataclasses import replace

from activation.licensing.deciding import apply_changes
from activation.licensing.events import EventKind
from activation.licensing.model import Activation
from activation.licensing.overriding import OverrideState, decide_undo, refuse_incomparable, refuse_undo
from activation.licensing.verdicts import Refusal, Refused
from activation.service.batching.settling_one import Locked, lock_holding, write_granted
from activation.service.resetting.exposure import show_exposure
from activation.service.resetting.overrides import NO_LICENSE, NO_RESET, Overridden, mail_of, tell_of
from activation.service.working import Work
from activation.storage.licenses.overrides import HISTORY, freed_by, lock_override, mark_undone, read_history
from activation.storage.reading import Ask
from activation.storage.rekeying import has_activated_since


async def undo(work: Work, reset_id: int) -> Overridden | Refused:
    """Give the licence back to the device it was freed from, while no new one has activated (R5)."""
    done = await lock_override(work.connection, reset_id)
    if done is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_RESET)
    refused = refuse_undo(done)
    if refused is not None:
        return refused
    locked = await lock_holding(work, Ask(license_id=done.license_id))
    if locked is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_LICENSE)
    freed = await freed_by(work.connection, reset_id)
    history = await read_history(work.connection, done.license_id, HISTORY + len(freed))
    locked = await _with_seats_of(work, locked, [one for one in history if one.activation_id in freed])
    if await _may_be_elsewhere(work, locked, [one for one in history if one.activation_id in freed]):
        return refuse_incomparable()
    known = work.desk.peppers.known
    verdict = decide_undo(done, freed, locked.holding, history, locked.now, known)
    if isinstance(verdict, Refused):
        return verdict
    apply_changes(locked.holding, verdict.changes)
    await write_granted(work, locked.holding, verdict)
    person_id = work.person.person_id
    await mark_undone(work.connection, reset_id, person_id, locked.now)
    undone = replace(done, state=OverrideState.UNDONE, undone_by=person_id, undone_at=locked.now)
    await tell_of(work, EventKind.RESET_UNDONE, undone)
    await mail_of(work, "reset_undone", undone, locked)
    shown = await show_exposure(work, locked.holding, done.license_id, locked.now)
    return Overridden(undone, shown)


async def _may_be_elsewhere(work: Work, locked: Locked, back: list[Activation]) -> bool:
    """Tell whether a device activated since under another pepper: nobody can say which one it is (D5)."""
    holding = locked.holding
    for one in back:
        if one.ended_at is not None and await has_activated_since(
            work.connection,
            (holding.account.account_id, holding.product_id, holding.licenses[one.license_id].major),
            one.enrolment.pepper,
            one.ended_at,
        ):
            return True
    return False


async def _with_seats_of(work: Work, locked: Locked, back: list[Activation]) -> Locked:
    """Read also the account's other licences, which these devices may hold by now (L4)."""
    holding = locked.holding
    for one in back:
        ask = Ask(
            holding.account.account_id,
            holding.product_id,
            device=one.enrolment.current,
            major=holding.licenses[one.license_id].major,
            named=one.license_id,
        )
        seats = await lock_holding(work, ask)
        if seats is not None:
            holding.licenses.update(
                (license_id, held)
                for license_id, held in seats.holding.licenses.items()
                if license_id not in holding.licenses
            )
    return locked
