"""The questions of an activation (L1, L2, L4, L6-L8, R7), as `activating` asks them."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from activation.licensing.activating import find_covering, refuse_all_taken, refuse_mover, refuse_unnamed
from activation.licensing.attempts import Activate
from activation.licensing.binding import choose_free, enrol_for
from activation.licensing.model import Holding, License
from activation.licensing.recognising import Known, find_device, find_past_limit, recognise
from activation.licensing.standing import license_refusal, standing_refusal, state_word
from activation.licensing.verdicts import Refused
from activation.licensing.weeks import ResetWeek
from activation.licensing.weighing.steps import (
    Facts,
    Step,
    ask_account,
    ask_own_reset,
    ask_standing,
    ask_updates,
    compared,
    in_order,
    presented,
)

DEVICES_SHOWN: Final = 8
_RECOGNISED: Final = "Which licence does this device hold already?"
_COVERED: Final = "Does the account hold a licence for this product and major version?"


def steps_of_activation(attempt: Activate, holding: Holding, now: int, week: ResetWeek) -> Iterator[Step]:
    """Ask what an activation is decided by."""
    yield ask_account(holding.account)
    move: Facts = {"move": attempt.move, "by": attempt.by.value}
    yield Step(("R7",), "May who asks have this?", move, refuse_mover(attempt) is not None)
    found = find_device(holding, attempt.device, attempt.major, now)
    yield Step(("L2",), _RECOGNISED, _devices(attempt, holding, now) | {"found": found is not None})
    if found is not None and not found[0].is_over(now):
        yield from _ask_good(attempt, found[0], now)
        return
    covering = find_covering(attempt, holding)
    yield Step(("L6", "L4"), _COVERED, _holding(attempt, holding), isinstance(covering, Refused))
    if isinstance(covering, Refused):
        return
    named: Facts = {"licenses": holding.count, "named": attempt.license_id is not None}
    yield Step(("R7",), "Is it clear which one to move?", named, refuse_unnamed(attempt, holding) is not None)
    over = license_refusal(found[0], now) if found is not None else None
    yield from _ask_for_one(attempt, covering, over, now, week)


def _ask_good(attempt: Activate, held: License, now: int) -> Iterator[Step]:
    yield ask_standing(held, now)
    yield ask_updates(held, attempt.released_at)


def _ask_for_one(
    attempt: Activate, covering: list[License], over: Refused | None, now: int, week: ResetWeek
) -> Iterator[Step]:
    free = choose_free(attempt.device, covering, attempt.released_at, now)
    yield Step(("L4",), "Is a licence free for it?", _seats(attempt, covering, now))
    if free is None and not attempt.move:
        taken = over or refuse_all_taken(attempt, covering, now, week)
        yield from _ask_why_none(attempt, covering, taken, now)
        return
    if free is None:
        yield from _ask_good(attempt, covering[0], now)
        yield from ask_own_reset(covering[0], now, week)
    last = free[0].last if free is not None else None
    returns = last is not None and isinstance(recognise(last.enrolment, attempt.device, now), Known)
    facts: Facts = {"policy": attempt.policy, "sent": presented(attempt.device), "returns": returns}
    unknowable = not returns and isinstance(enrol_for(attempt), Refused)
    yield Step(("D2",), "Can the product's policy know this device?", facts, unknowable)


def _ask_why_none(attempt: Activate, covering: list[License], taken: Refused, now: int) -> Iterator[Step]:
    """Ask what keeps each licence from a device that gets none."""
    changed = find_past_limit(covering, attempt.device, now)
    states: Facts = {"states": Counter(state_word(held.state, held.ends_at, now) for held in covering)}
    yield from in_order(
        taken,
        Step(("L8",), "Is one of them in good standing?", states),
        Step(("L7", "R9"), "Does a free one take this build?", {"released_at": attempt.released_at}),
        Step(("D4",), "Would it be a known device, had fewer parts changed?", {"found": changed is not None}),
        Step(("L4",), "Is one of them not in use elsewhere?", {"licenses": len(covering)}),
    )


def _devices(attempt: Activate, holding: Holding, now: int) -> Facts:
    """Compare the device with those that hold a licence of this major now, some of them if there are many."""
    held = [one for whose, one in holding.activations() if whose.major == attempt.major]
    shown = [
        {"since": one.activated_at, **compared(one, attempt.device, now)} for one in held[:DEVICES_SHOWN]
    ]
    return {"devices_now": len(held), "devices": shown}


def _holding(attempt: Activate, holding: Holding) -> Facts:
    return {
        "licenses": holding.count,
        "majors": sorted({held.major for held in holding.licenses.values()}),
        "asked_major": attempt.major,
        "named": attempt.license_id is not None,
    }


def _seats(attempt: Activate, covering: list[License], now: int) -> Facts:
    unused = [held for held in covering if held.free_slot() is not None]
    fit = [held for held in unused if standing_refusal(held, attempt.released_at, now) is None]
    return {"licenses": len(covering), "unused": len(unused), "free": len(fit)}
