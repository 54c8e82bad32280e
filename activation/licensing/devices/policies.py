"""D2: how much agreement makes the same device. A product names a policy, an enrolment keeps its version.

The policies themselves are data: `policies.toml`.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

from activation.licensing.devices.kinds import CPU_ID, HARDWARE, INSTALL_ID, KINDS, Presented
from activation.licensing.values import value

_IDENTIFYING: Final = (*sorted(HARDWARE), INSTALL_ID)
_FINDING: Final = frozenset(KINDS) - {CPU_ID}


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
        """Walk over the digests that an index holds of a device enrolled under this policy."""
        for kind in self.weighted(parts):
            if kind in _FINDING:
                yield from parts[kind]


def findable(presented: Presented) -> Iterator[bytes]:
    """Walk over the digests to ask an index for, whatever policies its devices were enrolled under.

    A cpu_id is left out: it stands on every machine of a model, and no device is the same by it alone.
    """
    for kind, digests in presented.items():
        if kind in _FINDING:
            yield from digests


def read_policies(document: Mapping[str, Any]) -> Mapping[str, Policy]:
    """Arrange the parsed list by label. Raises ValueError for one that could not be meant."""
    found: dict[str, Policy] = {}
    for entry in document["policy"]:
        weights, required = entry["weights"], tuple(entry.get("required", ()))
        numerator, denominator = entry["share"]
        policy = Policy(entry["name"], entry["version"], weights, numerator, denominator, required)
        if policy.label in found:
            raise ValueError(f"{policy.label} is there twice: a change of mind is a new version")
        if not {*weights, *required} <= set(KINDS) or not set(required) <= set(policy.weighted(required)):
            raise ValueError(f"{policy.label} weighs or requires what cannot be")
        if not 0 < numerator <= denominator or min(weights.values()) < 0:
            raise ValueError(f"{policy.label}: a share is more than nothing and no more than all")
        found[policy.label] = policy
    return found


POLICIES: Final = read_policies(
    tomllib.loads(files("activation.licensing.devices").joinpath("policies.toml").read_text("utf-8"))
)
"""All policies by label, each version once."""


def current_policy(name: str) -> Policy:
    """Return the newest version of the policy that a product names."""
    newest = max(
        (policy for policy in POLICIES.values() if policy.name == name),
        key=lambda policy: policy.version,
        default=None,
    )
    if newest is None:
        raise UnknownPolicyError(f"no match policy is named {name!r}")
    return newest


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
