"""D2, D4: is this the enrolled device, and what is enrolled of it from now on?"""

from collections.abc import Iterable

from activation.licensing.attempts import Presented
from activation.licensing.devices.drift import DriftRefused, re_enrol
from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.matching import compare
from activation.licensing.devices.rekeying import rekey
from activation.licensing.devices.sightings import Sighting, under
from activation.licensing.model import Activation, Holding, License
from activation.licensing.values import value
from activation.licensing.verdicts import Reenrol


@value
class Known:
    """The device is the enrolled one; `enrolment` is what to keep, the same object when nothing changed."""

    enrolment: Enrolment
    agreed: int
    drifted: tuple[str, ...] = ()
    changed: bool = False


@value
class Stranger:
    """It is another device. `differing` are the parts that tell.

    `past_limit`: it would be the same, had not so many parts changed (D4); `until` is when that limit ends,
    None if waiting does not help.
    """

    differing: tuple[str, ...]
    until: int | None = None
    past_limit: bool = False


def recognise(enrolment: Enrolment, device: Presented, now: int) -> Known | Stranger:
    """Compare a device with an enrolment (D2), and follow its drift while the limit lasts (D4).

    One that stands under an older pepper is re-keyed if it may be (D5).
    """
    comparison = compare(enrolment, device)
    if not comparison.same:
        return Stranger(comparison.differing + comparison.missing)
    followed = re_enrol(enrolment, under(device, enrolment.pepper), comparison, now)
    if isinstance(followed, DriftRefused):
        return Stranger(followed.kinds, followed.until, past_limit=True)
    rekeyed = rekey(followed.enrolment, comparison, device) if isinstance(device, Sighting) else None
    return Known(
        rekeyed or followed.enrolment,
        len(comparison.agreed),
        followed.drifted,
        followed.changed or rekeyed is not None,
    )


def reenrolment(activation: Activation, known: Known) -> tuple[Reenrol, ...]:
    """Return the change that keeps a drifted device's new parts, or none."""
    return (Reenrol(activation, known.enrolment, activation.enrolment),) if known.changed else ()


def find_device(
    holding: Holding, device: Presented, major: int, now: int
) -> tuple[License, Activation, Known] | None:
    """Find the licence of this major whose device this is (L4): one that is not over first,
    then most parts agreed, then the oldest."""
    best: tuple[tuple[bool, int, int], License, Activation, Known] | None = None
    for held, activation in holding.activations():
        if held.major != major:
            continue
        known = recognise(activation.enrolment, device, now)
        if isinstance(known, Known):
            rank = (held.is_over(now), -known.agreed, activation.activated_at)
            if best is None or rank < best[0]:
                best = (rank, held, activation, known)
    return best[1:] if best is not None else None


def find_past_limit(licenses: Iterable[License], device: Presented, now: int) -> Stranger | None:
    """Tell which parts made this device another one than a current device that it would be else (D4)."""
    for held in licenses:
        for activation in held.current:
            found = recognise(activation.enrolment, device, now)
            if isinstance(found, Stranger) and found.past_limit:
                return found
    return None


def facts_of(stranger: Stranger) -> dict[str, object]:
    """Return what an answer says of another device: the parts that tell, and the end of a spent limit."""
    facts: dict[str, object] = {"components": list(stranger.differing)}
    if stranger.until is not None:
        facts["drift_limit_until"] = stranger.until
    return facts
