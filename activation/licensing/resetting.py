"""R1-R4, R9: freeing a licence from its device.

The owner's own reset is once a week (R3) and only for what was activated online (R2). Staff's needs a
reason and a note, which the message already made sure of, and leaves the week's own reset alone (R4).
"""

from activation.licensing.attempts import By, Reset
from activation.licensing.model import Activation, Ended, Holding, License
from activation.licensing.standing import account_refusal, license_refusal
from activation.licensing.verdicts import Change, End, Granted, Mark, Refusal, Refused, Verdict
from activation.licensing.weeks import ResetWeek

_OFFLINE = "This licence was activated offline, and nothing can call that certificate back. Ask support."
_UNUSED = "No device holds this licence now, so there is nothing to reset. Nothing was used up."
_LIMIT = "This licence had its reset this week. Wait for the next one, or ask support."
_ORPHANED = "This licence came from a reseller whose agreement ended. It goes on working where it is."
_OWNER_ONLY = "The activation password only activates. A reset needs the owner's password."


def next_self_reset(held: License, now: int, week: ResetWeek) -> tuple[bool, int | None]:
    """Return whether the owner may reset this licence now, and if not, when (None: not by waiting)."""
    is_online = all(activation.online for activation in held.current)
    return when_resettable(is_online and not held.orphaned, held.self_reset_at, now, week)


def when_resettable(
    may_ever: bool, self_reset_at: int | None, now: int, week: ResetWeek
) -> tuple[bool, int | None]:
    """R2, R3, R9: the same from what it hangs on: online and of a reseller that is, and last reset when."""
    if not may_ever:
        return False, None
    next_at = week.next_free(self_reset_at, now)
    return next_at is None, next_at


def refuse_self_reset(held: License, now: int, week: ResetWeek) -> Refused | None:
    """R2, R3, R9: refuse what the owner, or the device itself, may not free now, else return None."""
    if held.orphaned:
        return refuse_orphaned(held)
    if any(not activation.online for activation in held.current):
        return Refused(Refusal.RESET_OFFLINE, "R2", _OFFLINE, held)
    next_at = week.next_free(held.self_reset_at, now)
    if next_at is not None:
        return Refused(Refusal.RESET_LIMIT, "R3", _LIMIT, held, {"next_at": next_at})
    return None


def refuse_orphaned(held: License) -> Refused | None:
    """R9: refuse what a terminated reseller's licence can no longer have, else return None."""
    return Refused(Refusal.RESET_FORBIDDEN, "R9", _ORPHANED, held) if held.orphaned else None


def use_self_reset(held: License, now: int) -> Mark:
    """Return the mark of a week's reset used at `now`; the one before is kept to be given back (R10)."""
    return Mark(held, now, held.self_reset_at, held.moves, held.moved_at)


def decide_reset(attempt: Reset, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Free the licence, or say which rule keeps it where it is."""
    by_staff = attempt.by is By.STAFF
    if attempt.by is By.ACTIVATOR:
        return Refused(Refusal.FORBIDDEN, "R1", _OWNER_ONLY)
    held = holding.licenses.get(attempt.license_id)
    if held is None or attempt.account_id not in (None, holding.account.account_id):
        return Refused(Refusal.NOT_FOUND, "R1", "There is no such licence.")
    refused = (
        (None if by_staff else account_refusal(holding.account))
        or license_refusal(held, now, while_suspended=by_staff)
        or refuse_orphaned(held)
        or _refuse_unused(held, now, week)
        or (_refuse_offline(held) if by_staff else refuse_self_reset(held, now, week))
    )
    if refused is not None:
        return refused
    return _free(attempt, held, now, week)


def _free(attempt: Reset, held: License, now: int, week: ResetWeek) -> Granted:
    by_staff = attempt.by is By.STAFF
    why = Ended.AGENT_RESET if by_staff else Ended.RESET
    ends: list[Change] = [_end(attempt, held, activation, why, now) for activation in held.current]
    next_at = week.next_free(held.self_reset_at, now) if by_staff else week.after_use(now)
    changes = ends if by_staff else [*ends, use_self_reset(held, now)]
    return Granted(
        "R4" if by_staff else "R3",
        held,
        held.current[0],
        fresh=True,
        next_reset_at=next_at,
        changes=tuple(changes),
    )


def _end(attempt: Reset, held: License, activation: Activation, why: Ended, now: int) -> End:
    return End(held, activation, why, now, attempt.reset_id, attempt.staff_id, attempt.reason, attempt.note)


def _refuse_unused(held: License, now: int, week: ResetWeek) -> Refused | None:
    if held.current:
        return None
    last_reset = held.last.ended_at if held.last is not None else None
    next_at = week.next_free(held.self_reset_at, now)
    return Refused(Refusal.RESET_UNUSED, "R3", _UNUSED, held, {"last_reset": last_reset, "next_at": next_at})


def _refuse_offline(held: License) -> Refused | None:
    if all(activation.online for activation in held.current):
        return None
    return Refused(Refusal.RESET_OFFLINE, "R2", _OFFLINE, held)
