"""G8: consent, and who may be written to for a purpose beyond the contract.

Each giving and each withdrawing is kept; the newest counts. An objection (GDPR Art. 21) outweighs any
consent, and a restriction (Art. 18) stops every use that is not asked for.
"""

from collections.abc import Iterable
from typing import Final

from activation.licensing.values import value

MARKETING: Final = "marketing"
PURPOSES: Final = frozenset({MARKETING})


@value
class Told:
    """What a person said about a purpose, and when (seconds since 1970); `consent_id` orders one second."""

    consent_id: int
    purpose: str
    given: bool
    told_at: int


@value
class Wishes:
    """What an account's person wants done with the data: since when restricted, objected to, gone."""

    restricted_at: int | None = None
    objected_at: int | None = None
    closed: bool = False


def is_given(history: Iterable[Told], purpose: str) -> bool:
    """Tell whether consent to a purpose stands: the newest word counts, silence is none."""
    words = [one for one in history if one.purpose == purpose]
    newest = max(words, key=lambda one: (one.told_at, one.consent_id), default=None)
    return newest is not None and newest.given


def may_write_to(history: Iterable[Told], wishes: Wishes, purpose: str) -> bool:
    """Tell whether a person may be written to for a purpose that the contract does not need."""
    stopped = wishes.closed or wishes.restricted_at is not None or wishes.objected_at is not None
    return not stopped and is_given(history, purpose)
