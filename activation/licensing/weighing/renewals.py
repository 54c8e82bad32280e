"""The questions of a renewal (R8, T5, D6), as `renewing` asks them."""

from collections.abc import Iterator

from activation.licensing.attempts import Renew
from activation.licensing.binding import choose_free
from activation.licensing.model import Activation, Holding, License
from activation.licensing.proving import refuse_fork, weigh_proof
from activation.licensing.recognising import find_device
from activation.licensing.renewing import REGULAR, current_activation, find_regular, may_be_rebound
from activation.licensing.standing import account_refusal, license_refusal
from activation.licensing.weighing.steps import (
    Facts,
    Step,
    ask_account,
    ask_device,
    ask_standing,
    ask_updates,
)


def steps_of_renewal(attempt: Renew, holding: Holding, now: int) -> Iterator[Step]:
    """Ask what a renewal is decided by."""
    held = holding.licenses.get(attempt.license_id)
    yield ask_license(held)
    if held is None:
        return
    activation = current_activation(held, attempt.activation_id)
    yield ask_current(held, attempt.activation_id)
    if activation is None:
        return
    refused = account_refusal(holding.account) or license_refusal(held, now)
    if refused is not None and attempt.rebinding is not None and may_be_rebound(refused):
        yield ask_account(holding.account)
        yield from _ask_rebinding(attempt, holding, held, activation, now)
        return
    yield ask_account(holding.account)
    yield ask_standing(held, now)
    yield _ask_major(attempt, held)
    yield ask_device(activation, attempt.device, now)
    yield ask_updates(held, attempt.released_at)
    yield _ask_key(attempt, held, activation, now)


def ask_license(held: License | None) -> Step:
    """R8, R10, R1: whether there is the licence that is named."""
    return Step(("R8", "R10", "R1"), "Is there such a licence?", {"found": held is not None}, held is None)


def ask_current(held: License, activation_id: int) -> Step:
    """R8: whether the activation still holds the licence, and how it ended else."""
    is_current = current_activation(held, activation_id) is not None
    facts: Facts = {"current": is_current, "devices_now": len(held.current), "moves": held.moves}
    last = held.last
    if not is_current and last is not None and last.activation_id == activation_id:
        why = last.ended_why.name.lower() if last.ended_why is not None else None
        facts |= {"ended_at": last.ended_at, "ended_why": why}
    return Step(("R8",), "Does this activation still hold the licence?", facts, not is_current)


def _ask_major(attempt: Renew, held: License) -> Step:
    refuses = attempt.major is not None and attempt.major != held.major
    facts: Facts = {"majors": [held.major], "asked_major": attempt.major}
    return Step(("L6",), "Does the licence cover this major version?", facts, refuses)


def _ask_key(attempt: Renew, held: License, activation: Activation, now: int) -> Step:
    weighed = weigh_proof(activation, attempt.proof, now)
    facts: Facts = {
        "has_key": activation.device_key is not None,
        "proof_sent": attempt.proof is not None,
        "proofs": activation.proof_counter,
        "forked_at": activation.forked_at,
        "proof": str(weighed.fork) if weighed.fork is not None else None,
        "refuses_forks": attempt.refuses_forks,
    }
    copied = refuse_fork(held, weighed, refuses_forks=attempt.refuses_forks) is not None
    return Step(("D6",), "Does the device prove its own key?", facts, copied)


def _ask_rebinding(
    attempt: Renew, holding: Holding, was: License, ended: Activation, now: int
) -> Iterator[Step]:
    """T5: the test licence has ended; ask for a regular one in its place."""
    yield ask_device(ended, attempt.device, now)
    major = attempt.major if attempt.major is not None else was.major
    found = find_device(holding, attempt.device, major, now)
    if found is not None and found[0].kind in REGULAR and not found[0].is_over(now):
        held, activation, _ = found
        yield ask_standing(held, now)
        yield ask_updates(held, attempt.released_at)
        yield _ask_key(attempt, held, activation, now)
        return
    regular = find_regular(holding, major)
    free = choose_free(attempt.device, regular, attempt.released_at, now)
    facts: Facts = {"license_ends_at": was.ends_at, "licenses": len(regular), "asked_major": major}
    question = "The test licence has ended: is a regular one free for it?"
    yield Step(("L8",), question, facts, free is None)
    yield _ask_key(attempt, was, ended, now)
