"""Two sets of timings, compared as dudect does it (Reparaz, Balasch, Verbauwhede 2017).

Of both the slowest are cut, at one and the same time: what takes long was held up by something else, and its
spread would hide what is looked for. Where to cut is a percentile of all timings together, so that it favours
neither. Then Welch's t tells how many standard errors the means lie apart; past 4.5 they differ.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 0.9
"""The share of all timings that is compared."""


@dataclass(frozen=True)
class Compared:
    """Welch's t after the cut and without it, and what is left of both (microseconds)."""

    t: float
    t_uncut: float
    one_us: float
    other_us: float


def compare(one: Sequence[float], other: Sequence[float]) -> Compared:
    """Compare two sets of timings in microseconds; t is above zero where the first takes longer."""
    threshold = sorted([*one, *other])[int(KEPT * (len(one) + len(other))) - 1]
    kept = [[took for took in taken if took <= threshold] for taken in (one, other)]
    return Compared(welch_t(*kept), welch_t(one, other), *(statistics.fmean(each) for each in kept))


def welch_t(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the difference of the means in standard errors."""
    error = (statistics.variance(one) / len(one) + statistics.variance(other) / len(other)) ** 0.5
    return (statistics.fmean(one) - statistics.fmean(other)) / error
