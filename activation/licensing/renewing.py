"""R8: a fresh certificate for an activation that is still current, without a password.

T5: a device whose test licence has ended is bound to a free regular one by its certificate alone.
D6: a device that was activated with a key proves that it still has it.
"""

from activation.licensing.attempts import Rebinding, Renew
from activation.licensing.binding import Binding, bind, choose_free
from activation.licensing.model import Activation, Holding, License, LicenseKind
from activation.licensing.proving import carry_key, refuse_fork, weigh_proof
from activation.licensing.recognising import Known, Stranger, facts_of, find_device, recognise, reenrolment
from activation.licensing.standing import account_refusal, license_refusal, standing_refusal, update_refusal
from activation.licensing.verdicts import Granted, Refusal, Refused, Verdict

_SUPERSEDED = "This activation was reset or moved since. Activate again with the password if you may."
_MISMATCH = "This certificate belongs to another device."
_CHANGED = "Too many parts of this device changed within 90 days: it counts as another one."
_NOT_COVERED = "This licence covers another major version of this product."
_UNKNOWN = "There is no such licence."
REGULAR = frozenset({LicenseKind.PERPETUAL, LicenseKind.SUBSCRIPTION})


def decide_renewal(attempt: Renew, holding: Holding, now: int) -> Verdict:
    """Renew, or refuse as superseded, mismatched, or in bad standing."""
    held = holding.licenses.get(attempt.license_id)
    if held is None:
        return Refused(Refusal.NOT_FOUND, "R8", _UNKNOWN)
    activation = current_activation(held, attempt.activation_id)
    if activation is None:
        return Refused(Refusal.SUPERSEDED, "R8", _SUPERSEDED, held)
    refused = account_refusal(holding.account) or license_refusal(held, now)
    if refused is not None:
        if attempt.rebinding is not None and may_be_rebound(refused):
            return _rebind(attempt, attempt.rebinding, holding, activation, now) or refused
        return refused
    return _renew(attempt, held, activation, now)


def _renew(attempt: Renew, held: License, activation: Activation, now: int) -> Verdict:
    if attempt.major is not None and attempt.major != held.major:
        return Refused(Refusal.VERSION_NOT_COVERED, "L6", _NOT_COVERED, held, {"majors": [held.major]})
    known = recognise(activation.enrolment, attempt.device, now)
    if isinstance(known, Stranger):
        return refuse_stranger(held, known)
    return update_refusal(held, attempt.released_at) or _grant("R8", attempt, held, activation, known, now)


def _grant(
    rule: str, attempt: Renew, held: License, activation: Activation, known: Known, now: int
) -> Verdict:
    """Renew what this device holds, unless its key says otherwise (D6)."""
    weighed = weigh_proof(activation, attempt.proof, now)
    return refuse_fork(held, weighed, refuses_forks=attempt.refuses_forks) or Granted(
        rule,
        held,
        activation,
        changes=(*reenrolment(activation, known), *weighed.changes),
        drifted=known.drifted,
    )


def may_be_rebound(refused: Refused) -> bool:
    """Tell whether a renewal was refused because its test licence has ended (T5)."""
    held = refused.license
    return refused.code is Refusal.EXPIRED and held is not None and held.kind is LicenseKind.TEST


def _rebind(
    attempt: Renew, rebinding: Rebinding, holding: Holding, ended: Activation, now: int
) -> Verdict | None:
    """T5: the regular licence that this device has or may take, or None where there is none for it."""
    known = recognise(ended.enrolment, attempt.device, now)
    if isinstance(known, Stranger):
        return refuse_stranger(holding.licenses[ended.license_id], known)
    major = attempt.major if attempt.major is not None else holding.licenses[ended.license_id].major
    found = find_device(holding, attempt.device, major, now)
    if found is not None and found[0].kind in REGULAR and not found[0].is_over(now):
        held, activation, same = found
        refused = standing_refusal(held, attempt.released_at, now)
        return refused or _grant("T5", attempt, held, activation, same, now)
    free = choose_free(attempt.device, find_regular(holding, major), attempt.released_at, now)
    if free is None:
        return None
    was = holding.licenses[ended.license_id]
    weighed = weigh_proof(ended, attempt.proof, now)
    copied = refuse_fork(was, weighed, refuses_forks=attempt.refuses_forks)
    if copied is not None:
        return copied
    binding = Binding(
        rebinding.activation_id, attempt.device, known.enrolment, rebinding.device_name, ended.device_key
    )
    return carry_key(bind(binding, *free, "T5", now), ended, weighed)


def find_regular(holding: Holding, major: int) -> list[License]:
    """T5: the licences of this major that a device with an ended test licence may be bound to."""
    regular = [held for held in holding.licenses.values() if held.kind in REGULAR and held.major == major]
    return sorted(regular, key=lambda held: held.license_id)


def current_activation(held: License, activation_id: int) -> Activation | None:
    """Return the licence's current activation with this id, or None."""
    return next((one for one in held.current if one.activation_id == activation_id), None)


def refuse_stranger(held: License, stranger: Stranger) -> Refused:
    """D2, D4: refuse another device than the certificate's, naming the parts that tell."""
    if stranger.past_limit:
        return Refused(Refusal.DEVICE_MISMATCH, "D4", _CHANGED, held, facts_of(stranger))
    return Refused(Refusal.DEVICE_MISMATCH, "D2", _MISMATCH, held, facts_of(stranger))
