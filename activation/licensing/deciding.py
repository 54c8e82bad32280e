"""One attempt after the other on one holding: each sees what the ones before it changed."""

from collections.abc import Iterable
from typing import Final

from activation.licensing.activating import decide_activation
from activation.licensing.attempts import Activate, Attempt, Release, Renew, Reset
from activation.licensing.devices.sightings import PepperUnknownError, Sighting
from activation.licensing.model import Holding
from activation.licensing.releasing import decide_release
from activation.licensing.renewing import decide_renewal
from activation.licensing.resetting import decide_reset
from activation.licensing.verdicts import (
    Bind,
    Change,
    End,
    EnrolKey,
    Mark,
    RecordProof,
    Refusal,
    Refused,
    Resume,
    TurnOffline,
    Verdict,
)
from activation.licensing.weeks import ResetWeek

UNKNOWN_PEPPER: Final = "pepper"
_LATER: Final = "The server cannot answer now. Try again."
_RETRY_S: Final = 2


def decide(attempt: Attempt, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Answer one attempt, and bring the holding's facts up to date with what the answer changes."""
    verdict = answer(attempt, holding, now, week)
    if verdict.changes:
        apply_changes(holding, verdict.changes)
    return verdict


def answer(attempt: Attempt, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    """Answer one attempt, and leave the facts as they are.

    Where a device stands under a pepper that was not read here yet (D5), to call it a stranger would be final
    for its softphone: it is an outage of a second, and is answered so.
    """
    if not isinstance(attempt, Reset) and isinstance(attempt.device, Sighting):
        attempt.device.account_id = holding.account.account_id
    try:
        return _answer(attempt, holding, now, week)
    except PepperUnknownError:
        return refuse_unknown_pepper()


def refuse_unknown_pepper() -> Refused:
    """Return the refusal where something may stand under a pepper that was not read here yet (D5)."""
    return Refused(Refusal.UNAVAILABLE, UNKNOWN_PEPPER, _LATER, facts={"retry_after_s": _RETRY_S})


def is_unknown_pepper(verdict: Verdict) -> bool:
    """Tell whether that was why an attempt was refused."""
    return isinstance(verdict, Refused) and verdict.rule == UNKNOWN_PEPPER


def _answer(attempt: Attempt, holding: Holding, now: int, week: ResetWeek) -> Verdict:
    if isinstance(attempt, Activate):
        return decide_activation(attempt, holding, now, week)
    if isinstance(attempt, Renew):
        return decide_renewal(attempt, holding, now)
    if isinstance(attempt, Release):
        return decide_release(attempt, holding, now, week)
    return decide_reset(attempt, holding, now, week)


def apply_changes(holding: Holding, changes: Iterable[Change]) -> None:
    """Bring a holding's facts up to date with what was decided."""
    for change in changes:
        if isinstance(change, Bind):
            holding.licenses[change.activation.license_id].current.append(change.activation)
        elif isinstance(change, End):
            _end(change)
        elif isinstance(change, Mark):
            held = change.license
            held.self_reset_at, held.self_reset_before = change.self_reset_at, change.self_reset_before
            held.moves, held.moved_at = change.moves, change.moved_at
        elif isinstance(change, Resume):
            _resume(change)
        elif isinstance(change, EnrolKey):
            _enrol_key(change)
        elif isinstance(change, RecordProof):
            _record_proof(change)
        elif isinstance(change, TurnOffline):
            change.activation.online = False
        else:
            change.activation.enrolment = change.enrolment


def _end(change: End) -> None:
    held, activation = change.license, change.activation
    held.current = [one for one in held.current if one is not activation]
    activation.ended_at, activation.ended_why = change.at, change.why
    held.last = activation


def _resume(change: Resume) -> None:
    held, activation = change.license, change.activation
    activation.ended_at = activation.ended_why = None
    held.current.append(activation)
    held.last = change.before


def _enrol_key(change: EnrolKey) -> None:
    """A new key begins anew: no copy of it has shown."""
    activation = change.activation
    activation.device_key = change.device_key
    activation.proof_counter, activation.proof_hash = 0, None
    activation.forked_at = activation.fork_told_at = None


def _record_proof(change: RecordProof) -> None:
    activation = change.activation
    activation.proof_counter, activation.proof_hash = change.counter, change.hash
    activation.forked_at, activation.fork_told_at = change.forked_at, change.fork_told_at
