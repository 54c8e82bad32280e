"""L4: which licence is free for a device, and what binding it changes."""

from collections.abc import Iterable

from activation.licensing.attempts import Activate, Presented
from activation.licensing.devices.enrolment import Enrolment, enrol
from activation.licensing.devices.policies import policy_of, unfit
from activation.licensing.model import Activation, Ended, License
from activation.licensing.recognising import Known, recognise
from activation.licensing.standing import standing_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Bind, Change, Granted, Mark, Refusal, Refused, Verdict

_STRICTLY = "This product knows devices strictly: {}."


@value
class Binding:
    """A device to bind without an activation asked for, and the id that its activation will have.

    It was `enrolled` before, and stays so with its policy and its past (D2, D4).
    """

    activation_id: int
    device: Presented
    enrolled: Enrolment
    device_name: str = ""
    device_key: bytes | None = None


def choose_free(
    device: Presented, covering: Iterable[License], released_at: int | None, now: int
) -> tuple[License, int] | None:
    """L4, L7: a free licence that takes this build, and its slot; the one the device had last before any."""
    free: list[tuple[License, int]] = []
    for held in covering:
        slot = held.free_slot()
        if slot is not None and standing_refusal(held, released_at, now) is None:
            free.append((held, slot))
    for held, slot in free:
        if held.last is not None and isinstance(recognise(held.last.enrolment, device, now), Known):
            return held, slot
    return free[0] if free else None


def bind(binding: Activate | Binding, held: License, slot: int, rule: str, now: int) -> Verdict:
    """Bind the device to a free slot of the licence, as `rule` allows, if its policy can know it."""
    last = held.last
    known = recognise(last.enrolment, binding.device, now) if last is not None else None
    returning = isinstance(known, Known)
    enrolment = known.enrolment if isinstance(known, Known) else enrol_for(binding)
    if isinstance(enrolment, Refused):
        return enrolment
    online = not isinstance(binding, Activate) or binding.online
    activation = Activation(
        binding.activation_id, held.license_id, slot, enrolment, now, online, binding.device_key
    )
    changes: list[Change] = []
    if last is not None:
        changes.extend(_mark_after(held, last, now, returning=returning))
    changes.append(Bind(activation, binding.device_name))
    return Granted(rule, held, activation, fresh=True, changes=tuple(changes))


def enrol_for(binding: Activate | Binding) -> Enrolment | Refused:
    """Return what to enrol of a device new to the licence, or refuse one that the policy cannot know (D2)."""
    if isinstance(binding, Binding):
        return binding.enrolled
    reason = unfit(policy_of(binding.policy), binding.device)
    if reason is not None:
        return Refused(Refusal.DEVICE_UNIDENTIFIABLE, "D2", _STRICTLY.format(reason))
    return enrol(binding.policy, binding.device)


def _mark_after(held: License, last: Activation, now: int, *, returning: bool) -> list[Change]:
    """R10 gives a release's reset back to the device that returns; any other device is a move.

    After another device there is nothing to give back, however many devices the licence takes.
    """
    if not returning:
        return [Mark(held, held.self_reset_at, held.self_reset_at, held.moves + 1, now)]
    if last.ended_why is Ended.RELEASED:
        return [Mark(held, held.self_reset_before, None, held.moves, held.moved_at)]
    return []
