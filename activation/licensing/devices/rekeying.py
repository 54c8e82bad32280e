"""D5: an accepted device moves from an older pepper to the one in use when it shows all its parts.

What is not shown cannot be digested anew. So a device stays where it is while a kind that was enrolled is
missing or differs: else it would shed enrolled weight by sending less (D2, D4). Earlier values (`past`) and
MACs that are not there just now are forgotten; the latter only where the device is the same without any MAC.
Whatever is accepted afterwards would have been accepted before: to forget only makes it harder.
"""

from dataclasses import replace

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.kinds import MAC
from activation.licensing.devices.matching import Comparison, is_same
from activation.licensing.devices.policies import policy_of
from activation.licensing.devices.sightings import Sighting


def rekey(enrolment: Enrolment, comparison: Comparison, device: Sighting) -> Enrolment | None:
    """Return an accepted device's enrolment under the pepper in use, or None to leave it as it is.

    `enrolment` is what is kept of the device from now on, `comparison` what it was compared by.
    """
    if enrolment.pepper >= device.pepper or comparison.missing or comparison.differing:
        return None
    shown, wanted = device.under(enrolment.pepper), device.under(device.pepper)
    anew = {
        old: new for kind in enrolment.current for old, new in zip(shown[kind], wanted[kind], strict=True)
    }
    current = {
        kind: tuple([anew[digest] for digest in digests if digest in anew])
        for kind, digests in enrolment.current.items()
    }
    if not _may_forget(enrolment, current.get(MAC, ())):
        return None
    recent = tuple([(anew[digest], since) for digest, since in enrolment.recent if digest in anew])
    return replace(enrolment, current=current, past={}, recent=recent, pepper=device.pepper)


def _may_forget(enrolment: Enrolment, macs: tuple[bytes, ...]) -> bool:
    """Tell whether the MACs that are not there now are not needed to know the device again."""
    enrolled = tuple(enrolment.current)
    if len(macs) == len(enrolment.current.get(MAC, ())):
        return True
    return is_same(policy_of(enrolment.policy), [kind for kind in enrolled if kind != MAC], enrolled)
