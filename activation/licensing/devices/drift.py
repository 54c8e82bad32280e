"""D4: parts that change on an accepted device are enrolled anew, a few at a time.

A change counts when a value comes that was never seen on this device, in a kind that weighs anything under
its policy. A part added, a value seen before, and new MACs beside a known one do not count: a laptop back
on its dock is no stranger. What came proves nothing by itself while the window lasts (`proving`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from activation.licensing.devices.enrolment import (
    DRIFTS_REMEMBERED,
    MACS_REMEMBERED,
    PAST_REMEMBERED,
    Enrolment,
    first_digests,
)
from activation.licensing.devices.kinds import INSTALL_ID, KINDS, MAC, Presented
from activation.licensing.devices.matching import Comparison
from activation.licensing.devices.policies import Policy, policy_of
from activation.licensing.devices.proving import note_recent, proven_from, proves
from activation.licensing.values import value

DRIFT_LIMIT: Final = 2
DRIFT_WINDOW_S: Final = 90 * 86400


@value
class Reenrolment:
    """What to keep of the device from now on. Unless `changed`, it is the same object, nothing to write."""

    enrolment: Enrolment
    drifted: tuple[str, ...]
    changed: bool


@value
class DriftRefused:
    """Too many of these parts changed: another device (D4).

    `until` is when enough earlier drifts have left the window for these to pass, or what agrees was enrolled
    for long enough; None when no waiting helps, so many parts changed at once.
    """

    kinds: tuple[str, ...]
    until: int | None


def re_enrol(
    enrolment: Enrolment,
    presented: Presented,
    comparison: Comparison,
    now: int,
    limit: int = DRIFT_LIMIT,
    window_s: int = DRIFT_WINDOW_S,
) -> Reenrolment | DriftRefused:
    """Follow an accepted device's changes, at most `limit` that count in any `window_s` (D4)."""
    if not comparison.same:
        raise ValueError("only an accepted device is enrolled anew")
    if limit > DRIFTS_REMEMBERED:
        raise ValueError(f"at most {DRIFTS_REMEMBERED} drifts are remembered, so none can count beyond that")
    at = _steady(now, enrolment)
    policy = policy_of(enrolment.policy)
    if enrolment.recent and not proves(enrolment, presented, comparison, at, window_s):
        telling = policy.weighted((*comparison.differing, *comparison.missing))
        return DriftRefused(tuple(telling), proven_from(enrolment, presented, comparison, window_s))
    if not (comparison.differing or comparison.added or _brings_macs(enrolment, presented)):
        return Reenrolment(enrolment, (), False)
    drifted = tuple(kind for kind in comparison.differing if _is_unseen(enrolment, presented, kind))
    refused = _refuse(enrolment, policy.weighted(drifted), policy, at, limit, window_s)
    return refused or _follow(enrolment, presented, comparison, drifted, at, window_s)


def _brings_macs(enrolment: Enrolment, presented: Presented) -> bool:
    held, sent = enrolment.current.get(MAC), presented.get(MAC)
    return held != sent and held is not None and sent is not None and not set(held).issuperset(sent)


def _is_unseen(enrolment: Enrolment, presented: Presented, kind: str) -> bool:
    return presented[kind][0] not in enrolment.past.get(kind, ())


def _steady(now: int, enrolment: Enrolment) -> int:
    """Return a time that never runs back on one device, so that a clock set back frees no drift."""
    latest = (*enrolment.drifts[:1], *enrolment.recent[:1])
    return max(now, *(at for _, at in latest)) if latest else now


def _refuse(
    enrolment: Enrolment, counting: Sequence[str], policy: Policy, at: int, limit: int, window_s: int
) -> DriftRefused | None:
    weights = policy.weights
    counted = sorted(t for kind, t in enrolment.drifts if weights.get(kind) and at < t + window_s)
    excess = len(counted) + len(counting) - limit
    if not counting or excess <= 0:
        return None
    until = counted[excess - 1] + window_s if excess <= len(counted) else None
    return DriftRefused(tuple(counting), until)


def _follow(
    enrolment: Enrolment,
    presented: Presented,
    comparison: Comparison,
    drifted: tuple[str, ...],
    at: int,
    window_s: int,
) -> Reenrolment:
    current, past = dict(enrolment.current), dict(enrolment.past)
    for kind in KINDS:
        if kind == MAC and kind in current and presented.get(kind):
            current[kind] = _merge_macs(current[kind], presented[kind])
        elif kind in comparison.differing:
            past[kind] = _put_past(enrolment, kind, presented[kind])
            current[kind] = first_digests(kind, presented[kind])
        elif kind in comparison.added and kind != INSTALL_ID:
            current[kind] = first_digests(kind, presented[kind])
    if current == enrolment.current:
        return Reenrolment(enrolment, (), False)
    ordered = {kind: current[kind] for kind in KINDS if kind in current}
    after = replace(enrolment, current=ordered, past=past, drifts=_remember(enrolment, drifted, at))
    return Reenrolment(
        replace(after, recent=note_recent(enrolment, after, at, window_s)), drifted, changed=True
    )


def _merge_macs(held: tuple[bytes, ...], sent: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Put what is there now before what was there once: a built-in MAC outlives any number of docks."""
    known = [digest for digest in held if digest in sent]
    new = sorted(set(sent).difference(held))
    gone = [digest for digest in held if digest not in sent]
    return tuple([*known, *new, *gone][:MACS_REMEMBERED]) if new else held


def _put_past(enrolment: Enrolment, kind: str, sent: tuple[bytes, ...]) -> tuple[bytes, ...]:
    earlier = enrolment.current[kind] + enrolment.past.get(kind, ())
    return tuple([digest for digest in earlier if digest not in sent][:PAST_REMEMBERED])


def _remember(enrolment: Enrolment, drifted: tuple[str, ...], at: int) -> tuple[tuple[str, int], ...]:
    """Keep the newest drifts. Those that count nothing go first, or they would push out those that do."""
    weights = policy_of(enrolment.policy).weights
    drifts = [*((kind, at) for kind in drifted), *enrolment.drifts]
    while len(drifts) > DRIFTS_REMEMBERED:
        weightless = [drift for drift in drifts if not weights.get(drift[0])]
        drifts.remove((weightless or drifts)[-1])
    return tuple(drifts)
