"""R8: a fresh certificate for an activation that is still current, without a password."""

from activation.licensing.attempts import Renew
from activation.licensing.model import Activation, Holding, License
from activation.licensing.recognising import Stranger, recognise, reenrolment
from activation.licensing.standing import account_refusal, license_refusal
from activation.licensing.verdicts import Granted, Refusal, Refused, Verdict

_SUPERSEDED = "This activation was reset or moved since. Activate again with the password if you may."
_MISMATCH = "This certificate belongs to another device."
_NOT_COVERED = "This licence covers another major version of this product."
_UNKNOWN = "There is no such licence."


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
        return refused
    if attempt.major is not None and attempt.major != held.major:
        return Refused(Refusal.VERSION_NOT_COVERED, "L6", _NOT_COVERED, held, {"majors": [held.major]})
    known = recognise(activation.enrolment, attempt.device, now)
    if isinstance(known, Stranger):
        return refuse_stranger(held, known)
    return Granted("R8", held, activation, changes=reenrolment(activation, known), drifted=known.drifted)


def current_activation(held: License, activation_id: int) -> Activation | None:
    """Return the licence's current activation with this id, or None."""
    return next((one for one in held.current if one.activation_id == activation_id), None)


def refuse_stranger(held: License, stranger: Stranger) -> Refused:
    """D2, D4: refuse another device than the certificate's, naming the parts that tell."""
    facts: dict[str, object] = {"components": list(stranger.differing)}
    if stranger.until is not None:
        facts["drift_limit_until"] = stranger.until
    rule = "D2" if stranger.until is None else "D4"
    return Refused(Refusal.DEVICE_MISMATCH, rule, _MISMATCH, held, facts)
