"""L1, L2, L4, L6-L8 and R7: which licence an activating device gets, or why it gets none.

In this order: the licence whose current device this is, unless it is over; else a free one; else, when a
move was asked for, the licence named (or the only one) changes hands; else the request is refused.
"""

from activation.licensing.attempts import Activate, By
from activation.licensing.binding import bind, choose_free, enrol_for
from activation.licensing.model import Activation, Ended, Holding, License
from activation.licensing.proving import key_enrolment
from activation.licensing.recognising import (
    Known,
    facts_of,
    find_device,
    find_past_limit,
    reenrolment,
)
from activation.licensing.resetting import next_self_reset, refuse_self_reset, use_self_reset
from activation.licensing.standing import account_refusal, license_refusal, standing_refusal, update_refusal
from activation.licensing.verdicts import (
    Bind,
    Change,
    End,
    Granted,
    Mark,
    Refusal,
    Refused,
    TurnOffline,
    Verdict,
)
from activation.licensing.weeks import ResetWeek

_NO_LICENSE = "This account holds no licence for this product."
_NOT_COVERED = "This account's licences cover another major version of this product."
_AMBIGUOUS = "This account holds several licences. Name the one to move in license_id."
_MOVE_OWNER_ONLY = "The activation password only activates. A move needs the owner's password."
_DEVICE_LIMIT = "All licences are in use on other devices."
_CHANGED = "All licences are in use; this device counts as another one since too many of its parts changed."
_NO_SUCH_LICENSE = "There is no such licence."


def decide_activation(attempt: Activate, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Answer one activation on the facts of the account's holding."""
    refused = account_refusal(holding.account)
    if refused is not None:
        return refused
    refused = refuse_mover(attempt)
    if refused is not None:
        return refused
    found = find_device(holding, attempt.device, attempt.major, now)
    if found is not None and not found[0].is_over(now):
        return _again(attempt, *found, now)
    covering = find_covering(attempt, holding)
    if isinstance(covering, Refused):
        return covering
    refused = refuse_unnamed(attempt, holding)
    if refused is not None:
        return refused
    over = license_refusal(found[0], now) if found is not None else None
    return _take_one(attempt, covering, over, now, week)


def refuse_mover(attempt: Activate) -> Refused | None:
    """R7: refuse a move by who only has the activation password, else return None."""
    if attempt.move and attempt.by is not By.OWNER:
        return Refused(Refusal.FORBIDDEN, "R7", _MOVE_OWNER_ONLY)
    return None


def refuse_unnamed(attempt: Activate, holding: Holding) -> Refused | None:
    """R7: refuse a move that does not say of which of several licences, else return None."""
    if attempt.move and attempt.license_id is None and holding.count > 1:
        return Refused(Refusal.LICENSE_AMBIGUOUS, "R7", _AMBIGUOUS)
    return None


def _take_one(
    attempt: Activate, covering: list[License], over: Refused | None, now: int, week: ResetWeek
) -> Verdict:
    """Bind a free one, or move one; `over` says what became of the licence that the device had."""
    free = choose_free(attempt.device, covering, attempt.released_at, now)
    if free is not None:
        return bind(attempt, *free, "L1", now)
    if attempt.move:
        return _move(attempt, covering[0], now, week)
    return over or refuse_all_taken(attempt, covering, now, week)


def _again(attempt: Activate, held: License, activation: Activation, known: Known, now: int) -> Verdict:
    """L2: the same device again is the same activation."""
    refused = standing_refusal(held, attempt.released_at, now)
    if refused is not None:
        return refused
    changes: tuple[Change, ...] = (
        *reenrolment(activation, known),
        *key_enrolment(activation, attempt.device_key),
        *_turn_offline(attempt, activation),
    )
    return Granted("L2", held, activation, changes=changes, drifted=known.drifted)


def _turn_offline(attempt: Activate, activation: Activation) -> tuple[TurnOffline, ...]:
    """R2: once it got a certificate by a file, an activation is an offline one and stays so."""
    return (TurnOffline(activation),) if activation.online and not attempt.online else ()


def find_covering(attempt: Activate, holding: Holding) -> list[License] | Refused:
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


def _move(attempt: Activate, held: License, now: int, week: ResetWeek) -> Verdict:
    """R7: release the old device and bind the new one, both or neither, counted as one reset."""
    refused = standing_refusal(held, attempt.released_at, now) or refuse_self_reset(held, now, week)
    if refused is not None:
        return refused
    old = held.current[0]
    enrolment = enrol_for(attempt)
    if isinstance(enrolment, Refused):
        return enrolment
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


def refuse_all_taken(attempt: Activate, covering: list[License], now: int, week: ResetWeek) -> Refused:
    """Say why no licence is free.

    One is, but for an older build; or the ones in good standing are taken; or none is in good standing.
    """
    standing = [(held, license_refusal(held, now)) for held in covering]
    good = [held for held, refused in standing if refused is None]
    if not good:
        return next(refused for _, refused in standing if refused is not None)
    for held in good:
        too_new = update_refusal(held, attempt.released_at)
        if too_new is not None and held.free_slot() is not None:
            return too_new
    soonest = min(good, key=lambda held: _wait(held, now, week))
    available, next_at = next_self_reset(soonest, now, week)
    facts: dict[str, object] = {
        "since": soonest.current[0].activated_at if soonest.current else None,
        "resets": {"available": available, "next_at": next_at},
    }
    changed = find_past_limit(covering, attempt.device, now)
    if changed is not None:
        return Refused(Refusal.DEVICE_LIMIT, "D4", _CHANGED, soonest, {**facts, **facts_of(changed)})
    return Refused(Refusal.DEVICE_LIMIT, "L4", _DEVICE_LIMIT, soonest, facts)


def _wait(held: License, now: int, week: ResetWeek) -> int:
    available, next_at = next_self_reset(held, now, week)
    if available:
        return now
    return next_at if next_at is not None else 1 << 62
