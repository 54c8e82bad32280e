"""Refusals that are only for now: they say when to come back."""

import random
from typing import Final

from activation.licensing.verdicts import Refusal, Refused

_BUSY_RETRY_S: Final = (1, 15)
"""Spread, so that who was turned away together does not come back together."""
_DOWN_RETRY_S: Final = 5


def later(code: Refusal, detail: str, retry_after_s: int) -> Refused:
    """Return a refusal that goes out with Retry-After (seconds)."""
    return Refused(code, "limits", detail, facts={"retry_after_s": retry_after_s})


def unavailable() -> Refused:
    """Return the refusal for a database that does not answer: temporary, and it says so."""
    return later(Refusal.UNAVAILABLE, "The server cannot answer now. Try again.", _DOWN_RETRY_S)


def overloaded() -> Refused:
    """Return the refusal for a queue that is full: temporary, and it says so."""
    retry_s = random.randint(*_BUSY_RETRY_S)  # noqa: S311 - no secret
    return later(Refusal.OVERLOADED, "The server is busy. Try again shortly.", retry_s)
