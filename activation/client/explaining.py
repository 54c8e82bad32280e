"""What a product would know this machine by, and what would happen if a part changed (D1-D4)."""

from collections.abc import Mapping
from typing import Final

from activation.client.device import ThisDevice
from activation.licensing.devices.drift import DRIFT_LIMIT, DRIFT_WINDOW_S
from activation.licensing.devices.enrolment import Enrolment, enrol
from activation.licensing.devices.kinds import HDD_SERIAL, INSTALL_ID, MAC, Presented
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import Policy, unfit
from activation.licensing.values import value
from crypto.digests import component_digest, component_digests

_MEANS: Final[Mapping[str, str]] = {
    "hdd_serial": "the disk that holds the system",
    "system_uuid": "the number that the firmware gives this machine",
    "board_serial": "the main board's serial number",
    "machine_id": "this installation of the system; disk images copy it, so it never stands alone",
    "mac": "the network adapters that are built or plugged in; one of them is enough",
    "cpu_id": "the processor's model, the same on every machine of a kind",
    "install_id": "a random name made once, where no hardware part tells this machine",
}
_UNDER_STRICT: Final = "this policy asks for disk and network adapter alone"
_SPARE: Final = "sent, but counts only for a device that was first known by it"
_IF_SHARED: Final = "nothing: it does not count"
_IF_WEIGHTLESS: Final = "noted, nothing else"
_IF_FOLLOWED: Final = f"still this device: one of {DRIFT_LIMIT} changes in {DRIFT_WINDOW_S // 86400} days"
_IF_ANOTHER: Final = "another device: a reset is needed"
_SALT: Final = bytes(16)  # nothing leaves this program


@value
class PartExplained:
    """A part: whether it counts (`yes`, `no`, `unread`), its weight, why, and what if it changed."""

    part: str
    counts: str
    weight: int
    why: str
    if_changed: str
    read_from: str


@value
class Explained:
    """All parts, and in plain words what a product with this policy would do with this machine."""

    policy: str
    parts: tuple[PartExplained, ...]
    summary: str
    advice: str


def explain(device: ThisDevice, policy: Policy) -> Explained:
    """Explain this machine under a policy; install ids are taken to be allowed."""
    presented = component_digests(_SALT, device.fingerprint.parts)
    reason = unfit(policy, presented) if presented else device.fingerprint.note
    enrolment = enrol(policy.label, presented) if not reason else None
    sent = [_explain_sent(device, policy, presented, enrolment, kind) for kind in device.components]
    unread = [
        PartExplained(one.kind, "unread", 0, one.reason.removeprefix(f"{one.kind}: "), "", "")
        for one in device.reading.unread
    ]
    summary = f"refused: {reason}" if enrolment is None else _sum_up(policy, enrolment)
    return Explained(policy.label, (*sent, *unread), summary, _advise(device))


def _explain_sent(
    device: ThisDevice, policy: Policy, presented: Presented, enrolment: Enrolment | None, kind: str
) -> PartExplained:
    source = device.reading.sources.get(kind, "made by this program, once")
    if kind not in presented:
        reasons = "; ".join(reason for ignored, reason in device.fingerprint.ignored if ignored == kind)
        return PartExplained(kind, "no", 0, reasons or "unknown to this version", _IF_SHARED, source)
    if kind == INSTALL_ID and enrolment is not None and kind not in enrolment.current:
        return PartExplained(kind, "no", 0, _SPARE, _IF_SHARED, source)
    weight = policy.weights.get(kind, 0)
    if not weight:
        why = _UNDER_STRICT if policy.required else _MEANS[kind]
        return PartExplained(kind, "no", 0, why, _IF_WEIGHTLESS, source)
    return PartExplained(kind, "yes", weight, _MEANS[kind], _if_changed(enrolment, presented, kind), source)


def _if_changed(enrolment: Enrolment | None, presented: Presented, kind: str) -> str:
    if enrolment is None:
        return ""
    other = {**presented, kind: (component_digest(_SALT, kind, "another"),)}
    if not compare(enrolment, other).same:
        return _IF_ANOTHER
    return f"{_IF_FOLLOWED}, if none of them stays" if kind == MAC else _IF_FOLLOWED


def _sum_up(policy: Policy, enrolment: Enrolment) -> str:
    kinds = policy.weighted(enrolment.current)
    if policy.required:
        return f"known while {' and '.join(policy.required)} both agree"
    if len(kinds) == 1:
        return f"known by {kinds[0]} alone: it must agree"
    total = sum(policy.weights[kind] for kind in kinds)
    needed = -(-total * policy.numerator // policy.denominator)
    anchor = INSTALL_ID if INSTALL_ID in kinds else HDD_SERIAL
    either = f"{anchor} or two others among them" if anchor in kinds else "two at least"
    return f"known while parts of weight {needed} of {total} agree, {either}"


def _advise(device: ThisDevice) -> str:
    closed = [one.kind for one in device.reading.unread if "only root" in one.reason]
    if not device.components and not device.reading.unread:
        return "Nothing could be read of this machine."
    if closed:
        return f"Only root may read {', '.join(closed)}: run by anybody else, a softphone is known without."
    return ""
