"""Devices for the tests: few digests to choose from, so that parts agree as often as they differ."""

from hashlib import blake2b

from hypothesis import strategies as st

from activation.licensing.devices.drift import Reenrolment, re_enrol
from activation.licensing.devices.kinds import KINDS, MAC
from activation.licensing.devices.matching import compare
from activation.licensing.devices.policies import POLICIES, policy_of, unfit

SINGLE = tuple(kind for kind in KINDS if kind != MAC)
LABELS = st.sampled_from(sorted(POLICIES))


def digest(*words):
    return blake2b(repr(words).encode(), digest_size=16).digest()


def device(**values):
    """A request's device: `hdd_serial="a"` or `mac=("a", "b")`."""
    return {
        kind: tuple(digest(kind, each) for each in (given if isinstance(given, tuple) else (given,)))
        for kind, given in values.items()
    }


def presented(values=3, macs=6):
    """Any request, hardware or not."""
    one = st.integers(1, values)
    several = st.lists(st.integers(1, macs), min_size=1, max_size=macs, unique=True).map(tuple)
    kinds = dict.fromkeys(KINDS, one) | {MAC: several}
    return st.fixed_dictionaries({}, optional=kinds).map(lambda given: device(**given))


def enrollable(label, **bounds):
    """Any request that can be enrolled under a policy."""
    return presented(**bounds).filter(lambda given: unfit(policy_of(label), given) is None)


DAY = 86400
WINDOW = 90 * DAY
NOW = 1_800_000_000
PARTS = ("hdd_serial", "system_uuid", "board_serial", "machine_id", "mac", "cpu_id")
LAPTOP = device(**dict.fromkeys(PARTS, "a"))


def follow(enrolment, now=NOW, limit=2, **changes):
    given_parts = {
        kind: sent for kind, sent in (enrolment.current | device(**changes)).items() if changes.get(kind, 1)
    }
    return re_enrol(enrolment, given_parts, compare(enrolment, given_parts), now, limit)


def followed(enrolment, now=NOW, **changes):
    found = follow(enrolment, now, **changes)
    assert isinstance(found, Reenrolment)
    return found.enrolment
