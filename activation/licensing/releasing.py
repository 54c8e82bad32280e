"""R10: a device gives its licence up by itself. It needs and uses the week's reset, and may be repeated."""

from activation.licensing.attempts import Release
from activation.licensing.model import Activation, Ended, Holding, License
from activation.licensing.recognising import Stranger, recognise
from activation.licensing.renewing import current_activation, refuse_stranger
from activation.licensing.resetting import refuse_self_reset, use_self_reset
from activation.licensing.standing import account_refusal, license_refusal
from activation.licensing.verdicts import End, Granted, Refusal, Refused, Verdict
from activation.licensing.weeks import ResetWeek

_UNKNOWN = "There is no such licence."
_SUPERSEDED = "This activation was reset or moved since, so it has no licence to give up."


def decide_release(attempt: Release, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Free the licence from the device that asks, or say which rule keeps it."""
    held = holding.licenses.get(attempt.license_id)
    if held is None:
        return Refused(Refusal.NOT_FOUND, "R10", _UNKNOWN)
    activation = current_activation(held, attempt.activation_id)
    if activation is None:
        return _already_released(attempt, held, now, week)
    refused = (
        account_refusal(holding.account)
        or license_refusal(held, now)
        or _refuse_other_device(attempt, held, activation, now)
        or refuse_self_reset(held, now, week)
    )
    if refused is not None:
        return refused
    return Granted(
        "R10",
        held,
        activation,
        fresh=True,
        next_reset_at=week.after_use(now),
        changes=(End(held, activation, Ended.RELEASED, now, attempt.reset_id), use_self_reset(held, now)),
    )


def _already_released(attempt: Release, held: License, now: int, week: ResetWeek) -> Verdict:
    last = held.last
    if last is None or last.activation_id != attempt.activation_id or last.ended_why is not Ended.RELEASED:
        return Refused(Refusal.SUPERSEDED, "R8", _SUPERSEDED, held)
    known = recognise(last.enrolment, attempt.device, now)
    if isinstance(known, Stranger):
        return refuse_stranger(held, known)
    return Granted("R10", held, last, next_reset_at=week.next_free(held.self_reset_at, now))


def _refuse_other_device(attempt: Release, held: License, activation: Activation, now: int) -> Refused | None:
    known = recognise(activation.enrolment, attempt.device, now)
    return refuse_stranger(held, known) if isinstance(known, Stranger) else None
