"""The questions of a release (R10) and of a reset (R1-R4, R9), as `releasing` and `resetting` ask them."""

from collections.abc import Iterator

from activation.licensing.attempts import By, Release, Reset
from activation.licensing.model import Ended, Holding, License
from activation.licensing.renewing import current_activation
from activation.licensing.weeks import ResetWeek
from activation.licensing.weighing.renewals import ask_current, ask_license
from activation.licensing.weighing.steps import (
    Facts,
    Step,
    ask_account,
    ask_device,
    ask_online,
    ask_own_reset,
    ask_standing,
)


def steps_of_release(attempt: Release, holding: Holding, now: int, week: ResetWeek) -> Iterator[Step]:
    """Ask what a release is decided by."""
    held = holding.licenses.get(attempt.license_id)
    yield ask_license(held)
    if held is None:
        return
    activation = current_activation(held, attempt.activation_id)
    if activation is None:
        yield from _ask_released(attempt, held, now)
        return
    yield ask_current(held, attempt.activation_id)
    yield ask_account(holding.account)
    yield ask_standing(held, now)
    yield ask_device(activation, attempt.device, now)
    yield from ask_own_reset(held, now, week)


def _ask_released(attempt: Release, held: License, now: int) -> Iterator[Step]:
    """R10: a release may be repeated, by the same device."""
    last = held.last
    again = last is not None and last.activation_id == attempt.activation_id
    released = last is not None and again and last.ended_why is Ended.RELEASED
    facts: Facts = {**ask_current(held, attempt.activation_id).facts, "released": released}
    yield Step(("R8",), "Does, or did, this activation hold the licence last?", facts, not released)
    if last is not None:
        yield ask_device(last, attempt.device, now)


def steps_of_reset(attempt: Reset, holding: Holding, now: int, week: ResetWeek) -> Iterator[Step]:
    """Ask what a reset is decided by."""
    by_staff = attempt.by is By.STAFF
    by: Facts = {"by": attempt.by.value}
    yield Step(("R1",), "May who asks have this?", by, attempt.by is By.ACTIVATOR)
    held = holding.licenses.get(attempt.license_id)
    is_theirs = attempt.account_id in (None, holding.account.account_id)
    yield ask_license(held if is_theirs else None)
    if held is None:
        return
    if not by_staff:
        yield ask_account(holding.account)
    yield ask_standing(held, now, while_suspended=by_staff)
    reseller: Facts = {"orphaned": held.orphaned}
    yield Step(("R9",), "Does the licence's reseller still stand?", reseller, held.orphaned)
    used: Facts = {"devices_now": len(held.current), "self_reset_at": held.self_reset_at}
    yield Step(("R3",), "Does a device hold the licence?", used, not held.current)
    if by_staff:
        yield ask_online(held)
    else:
        yield from ask_own_reset(held, now, week)
