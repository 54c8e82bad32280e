"""L1, L2, L4, L6, L8 and R7: which licence an activating device gets, or why it gets none.

In this order: the licence whose current device this is; else a free one; else, when a move was asked
for, the licence named (or the only one) changes hands; else the request is refused.
"""

from activation.licensing.attempts import Activate, By
from activation.licensing.devices.enrolment import enrol
from activation.licensing.model import Activation, Ended, Holding, License
from activation.licensing.recognising import Known, find_device, recognise, reenrolment
from activation.licensing.resetting import next_self_reset, refuse_self_reset, use_self_reset
from activation.licensing.standing import account_refusal, license_refusal
from activation.licensing.verdicts import Bind, Change, End, Granted, Mark, Refusal, Refused, Verdict
from activation.licensing.weeks import ResetWeek

_NO_LICENSE = "This account holds no licence for this product."
_NOT_COVERED = "This account's licences cover another major version of this product."
_AMBIGUOUS = "This account holds several licences. Name the one to move in license_id."
_MOVE_OWNER_ONLY = "The activation password only activates. A move needs the owner's password."
_DEVICE_LIMIT = "All licences are in use on other devices."
_NO_SUCH_LICENSE = "There is no such licence."


def decide_activation(attempt: Activate, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Answer one activation on the facts of the account's holding."""
    refused = account_refusal(holding.account)
    if refused is not None:
        return refused
    if attempt.move and attempt.by is not By.OWNER:
        return Refused(Refusal.FORBIDDEN, "R7", _MOVE_OWNER_ONLY)
    found = find_device(holding, attempt.device, attempt.major, now)
    if found is not None:
        return _again(*found, now)
    covering = _covering(attempt, holding)
    if isinstance(covering, Refused):
        return covering
    if attempt.move and attempt.license_id is None and holding.count > 1:
        return Refused(Refusal.LICENSE_AMBIGUOUS, "R7", _AMBIGUOUS)
    return _take_one(attempt, covering, now, week)


def _take_one(attempt: Activate, covering: list[License], now: int, week: ResetWeek) -> Verdict:
    free = _choose_free(attempt, covering, now)
    if free is not None:
        return _bind(attempt, *free, now)
    if attempt.move:
        return _move(attempt, covering[0], now, week)
    return _refuse_all_taken(covering, now, week)


def _again(held: License, activation: Activation, known: Known, now: int) -> Verdict:
    """L2: the same device again is the same activation."""
    refused = license_refusal(held, now)
    if refused is not None:
        return refused
    return Granted("L2", held, activation, changes=reenrolment(activation, known), drifted=known.drifted)


def _covering(attempt: Activate, holding: Holding) -> list[License] | Refused:
    """L6: the licences that cover the version, the named one alone if one is named."""
    licenses = sorted(holding.licenses.values(), key=lambda held: held.license_id)
    if not licenses:
        return Refused(Refusal.NO_LICENSE, "L4", _NO_LICENSE)
    if attempt.license_id is not None:
        licenses = [held for held in licenses if held.license_id == attempt.license_id]
        if not licenses:
            return Refused(Refusal.NOT_FOUND, "L4", _NO_SUCH_LICENSE)
    covering = [held for held in licenses if held.major == attempt.major]
    if not covering:
        majors = sorted({held.major for held in licenses})
        return Refused(Refusal.VERSION_NOT_COVERED, "L6", _NOT_COVERED, facts={"majors": majors})
    return covering


def _choose_free(attempt: Activate, covering: list[License], now: int) -> tuple[License, int] | None:
    """L4: a free licence and its slot, the one this device had last before any other."""
    free: list[tuple[License, int]] = []
    for held in covering:
        slot = held.free_slot()
        if slot is not None and license_refusal(held, now) is None:
            free.append((held, slot))
    for held, slot in free:
        if held.last is not None and isinstance(recognise(held.last.enrolment, attempt.device, now), Known):
            return held, slot
    return free[0] if free else None


def _bind(attempt: Activate, held: License, slot: int, now: int) -> Granted:
    last = held.last
    known = recognise(last.enrolment, attempt.device, now) if last is not None else None
    returning = isinstance(known, Known)
    enrolment = known.enrolment if isinstance(known, Known) else enrol(attempt.policy, attempt.device)
    activation = Activation(
        attempt.activation_id, held.license_id, slot, enrolment, now, device_key=attempt.device_key
    )
    changes: list[Change] = []
    if last is not None:
        changes.extend(_mark_after(held, last, now, returning=returning))
    changes.append(Bind(activation, attempt.device_name))
    return Granted("L1", held, activation, fresh=True, changes=tuple(changes))


def _mark_after(held: License, last: Activation, now: int, *, returning: bool) -> list[Change]:
    """R10 gives a release's reset back to the device that returns; any other device is a move."""
    if not returning:
        return [Mark(held, held.self_reset_at, None, held.moves + 1, now)]
    if last.ended_why is Ended.RELEASED:
        return [Mark(held, held.self_reset_before, None, held.moves, held.moved_at)]
    return []


def _move(attempt: Activate, held: License, now: int, week: ResetWeek) -> Verdict:
    """R7: release the old device and bind the new one, both or neither, counted as one reset."""
    refused = license_refusal(held, now) or refuse_self_reset(held, now, week)
    if refused is not None:
        return refused
    old = held.current[0]
    enrolment = enrol(attempt.policy, attempt.device)
    new = Activation(
        attempt.activation_id, held.license_id, old.slot, enrolment, now, device_key=attempt.device_key
    )
    used = use_self_reset(held, now)
    return Granted(
        "R7",
        held,
        new,
        fresh=True,
        next_reset_at=week.after_use(now),
        changes=(
            End(held, old, Ended.MOVED, now, attempt.reset_id),
            Mark(held, used.self_reset_at, used.self_reset_before, held.moves + 1, now),
            Bind(new, attempt.device_name),
        ),
    )


def _refuse_all_taken(covering: list[License], now: int, week: ResetWeek) -> Refused:
    """Say why no licence is free: the ones in good standing are taken, or none is in good standing."""
    standing = [(held, license_refusal(held, now)) for held in covering]
    taken = [held for held, refused in standing if refused is None]
    if not taken:
        return next(refused for _, refused in standing if refused is not None)
    soonest = min(taken, key=lambda held: _wait(held, now, week))
    available, next_at = next_self_reset(soonest, now, week)
    return Refused(
        Refusal.DEVICE_LIMIT,
        "L4",
        _DEVICE_LIMIT,
        soonest,
        {
            "since": soonest.current[0].activated_at if soonest.current else None,
            "resets": {"available": available, "next_at": next_at},
        },
    )


def _wait(held: License, now: int, week: ResetWeek) -> int:
    available, next_at = next_self_reset(held, now, week)
    if available:
        return now
    return next_at if next_at is not None else 1 << 62
