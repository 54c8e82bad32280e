"""When to try again what did not arrive, mails and webhooks alike: ever longer pauses, then no more."""

from typing import Final

PAUSES_S: Final = (60, 300, 1_800, 7_200, 43_200)
"""Seconds from the first try to the second, and so on: 1 min, 5 min, 30 min, 2 h, 12 h."""

MOST_TRIES: Final = len(PAUSES_S) + 1


def next_try(tries: int, now: int) -> int | None:
    """Return when to try again after so many tries that failed (at least one), or None: it is dead."""
    return None if tries >= MOST_TRIES else now + PAUSES_S[tries - 1]
