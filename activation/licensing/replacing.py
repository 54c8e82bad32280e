"""R2: what was activated offline cannot be reset; sales may have it revoked and give another in its place."""

from activation.licensing.model import Ended, Holding, License
from activation.licensing.overriding import Override
from activation.licensing.resetting import refuse_orphaned
from activation.licensing.standing import license_refusal
from activation.licensing.verdicts import End, Granted, Refusal, Refused

_UNKNOWN = "There is no such licence."
_UNUSED = "No device holds this licence now, so there is nothing to replace."
_ONLINE = "This licence was activated online: reset it instead."


def decide_replacement(override: Override, holding: Holding, now: int) -> Granted | Refused:
    """Take an offline-activated licence from its devices for good, or say why it stays."""
    held = holding.licenses.get(override.license_id)
    if held is None:
        return Refused(Refusal.NOT_FOUND, "R2", _UNKNOWN)
    refused = (
        license_refusal(held, now, while_suspended=True) or refuse_orphaned(held) or _refuse_online(held)
    )
    if refused is not None:
        return refused
    ends = tuple(
        End(
            held,
            activation,
            Ended.REPLACED,
            now,
            override.reset_id,
            override.staff_id,
            override.reason,
            override.note,
        )
        for activation in held.current
    )
    return Granted("R2", held, held.current[0], fresh=True, changes=ends)


def _refuse_online(held: License) -> Refused | None:
    if not held.current:
        return Refused(Refusal.RESET_UNUSED, "R2", _UNUSED, held)
    if all(activation.online for activation in held.current):
        return Refused(Refusal.CONFLICT, "R2", _ONLINE, held)
    return None
