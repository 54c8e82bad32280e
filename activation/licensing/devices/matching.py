"""D2: is this the enrolled device or another one?

What was enrolled is the measure, never what the request chose to send: leaving parts out cannot help.
"""

from collections.abc import Sequence

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.kinds import ANCHORS, KINDS, MAC, Presented
from activation.licensing.devices.policies import Policy, policy_of
from activation.licensing.devices.sightings import under
from activation.licensing.values import value


@value
class Comparison:
    """A request's device beside an enrolled one, kind by kind in canonical order.

    `differing` were enrolled and sent, but are not equal; `missing` were enrolled and not sent; `added`
    were sent and not enrolled.
    """

    same: bool
    agreed: tuple[str, ...]
    differing: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]


def compare(enrolment: Enrolment, presented: Presented) -> Comparison:
    """Compare a request's device with an enrolled one, under the policy it was enrolled with (D2)."""
    current, presented = enrolment.current, under(presented, enrolment.pepper)
    agreed: list[str] = []
    differing: list[str] = []
    missing: list[str] = []
    added: list[str] = []
    for kind in KINDS:
        held, sent = current.get(kind), presented.get(kind)
        if held and sent:
            agrees = held == sent or (kind == MAC and not set(held).isdisjoint(sent))
            (agreed if agrees else differing).append(kind)
        elif held:
            missing.append(kind)
        elif sent:
            added.append(kind)
    same = is_same(policy_of(enrolment.policy), agreed, (*agreed, *differing, *missing))
    return Comparison(same, tuple(agreed), tuple(differing), tuple(missing), tuple(added))


def is_same(policy: Policy, agreed: Sequence[str], enrolled: Sequence[str]) -> bool:
    """Tell whether these kinds that agree, of those enrolled, make the same device (D2)."""
    if policy.required:
        return all(kind in agreed for kind in policy.required)
    weights = policy.weights
    agreeing = [weight for kind in agreed if (weight := weights.get(kind))]
    counting = [weight for kind in enrolled if (weight := weights.get(kind))]
    if len(counting) == 1:
        return len(agreeing) == 1
    if len(agreeing) < 2 and ANCHORS.isdisjoint(agreed):
        return False
    return sum(agreeing) * policy.denominator >= sum(counting) * policy.numerator
