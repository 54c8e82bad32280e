"""Storms: minutes with far more requests than usual, as when a company's machines all start at nine."""

from collections.abc import Mapping
from typing import Final

from activation.licensing.values import value

MINUTE_S: Final = 60
LEAST: Final = 60
"""Fewer in a minute are no storm, however quiet it was before."""
TIMES: Final = 5
"""How many times the usual number of a minute makes a storm."""
GAP_S: Final = 180
"""Stormy minutes no further apart are one storm."""


@value
class Storm:
    """One storm: its first and its last minute (seconds since 1970), the busiest one's number, the sum."""

    began_at: int
    ended_at: int
    most: int
    number: int


def usual_of(load: Mapping[int, int], since: int, until: int) -> float:
    """Return the mean number of a minute from `since` to `until`, the busiest tenth left out."""
    minutes = max((until - since) // MINUTE_S, 1)
    numbers = sorted(load.get(since + MINUTE_S * at, 0) for at in range(minutes))
    calm = numbers[: max(minutes - minutes // 10, 1)]
    return sum(calm) / len(calm)


def find_storms(load: Mapping[int, int], usual: float) -> list[Storm]:
    """Return the storms among minutes (by when they begin), the newest first."""
    bound = max(LEAST, TIMES * usual)
    storms: list[Storm] = []
    for minute in sorted(load):
        number = load[minute]
        if number < bound:
            continue
        last = storms[-1] if storms else None
        if last is not None and minute - last.ended_at <= GAP_S:
            storms[-1] = Storm(last.began_at, minute, max(last.most, number), last.number + number)
        else:
            storms.append(Storm(minute, minute, number, number))
    return storms[::-1]
