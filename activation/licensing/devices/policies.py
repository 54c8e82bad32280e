"""D2: how much agreement makes the same device. A product names a policy, an enrolment keeps its version.

A version once released never changes: enrolments and certificates out there were made under it. A change
of mind is a new version beside the old one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from activation.licensing.devices.kinds import (
    BOARD_SERIAL,
    CPU_ID,
    HARDWARE,
    HDD_SERIAL,
    INSTALL_ID,
    MAC,
    MACHINE_ID,
    SYSTEM_UUID,
    Presented,
)
from activation.licensing.values import value

_IDENTIFYING: Final = (*sorted(HARDWARE), INSTALL_ID)


class UnknownPolicyError(LookupError):
    """No policy bears this name or label."""


@value
class Policy:
    """How parts weigh, and which share of the enrolled weight must agree (D2).

    Where `required` names kinds, these and only these must be enrolled, sent and equal.
    """

    name: str
    version: int
    weights: Mapping[str, int]
    numerator: int
    denominator: int
    required: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The policy as enrolments and certificates name it: `standard/1`."""
        return f"{self.name}/{self.version}"

    def weighted(self, kinds: Iterable[str]) -> list[str]:
        """Pick the kinds that weigh anything."""
        weights = self.weights
        return [kind for kind in kinds if weights.get(kind)]

    def digests(self, parts: Presented) -> Iterator[bytes]:
        """Walk over the digests that a device may be found by in an index."""
        for kind in self.weighted(parts):
            yield from parts[kind]


_WEIGHTS: Final[Mapping[str, int]] = {
    HDD_SERIAL: 4,
    SYSTEM_UUID: 3,
    BOARD_SERIAL: 2,
    MACHINE_ID: 2,
    MAC: 2,
    CPU_ID: 0,
    INSTALL_ID: 4,
}

POLICIES: Final[Mapping[str, Policy]] = {
    policy.label: policy
    for policy in (
        Policy("strict", 1, {HDD_SERIAL: 4, MAC: 2}, 1, 1, required=(HDD_SERIAL, MAC)),
        Policy("standard", 1, _WEIGHTS, 1, 2),
        Policy("lenient", 1, _WEIGHTS, 1, 3),
    )
}
"""All policies by label, each version once."""

_CURRENT: Final[Mapping[str, Policy]] = {
    policy.name: policy for policy in sorted(POLICIES.values(), key=lambda policy: policy.version)
}


def current_policy(name: str) -> Policy:
    """Return the newest version of the policy that a product names."""
    try:
        return _CURRENT[name]
    except KeyError:
        raise UnknownPolicyError(f"no match policy is named {name!r}") from None


def policy_of(label: str) -> Policy:
    """Return the policy that an enrolment was made under, by its label."""
    try:
        return POLICIES[label]
    except KeyError:
        raise UnknownPolicyError(f"no match policy has the label {label!r}") from None


def unfit(policy: Policy, presented: Presented) -> str | None:
    """Return why this device cannot be enrolled under the policy (D2, D3), or None when it can."""
    if policy.required:
        lacking = [kind for kind in policy.required if not presented.get(kind)]
        if lacking:
            return f"{policy.name} matching needs {' and '.join(lacking)}"
    if any(map(presented.get, _IDENTIFYING)):
        return None
    return "no hardware part identifies this machine"


def fits(policy: Policy, presented: Presented) -> bool:
    """Tell whether this device can be enrolled under the policy (D2, D3)."""
    return unfit(policy, presented) is None
