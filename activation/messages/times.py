"""Times on the wire: RFC 3339 in UTC, whole seconds."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)  # certificates' times are cut to the hour, so thousands share a few
def to_rfc3339(seconds: int) -> str:
    """Return `seconds` since 1970 as, for example, `2026-11-22T15:45:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def optional_rfc3339(seconds: int | None) -> str | None:
    """Return the time as text, or None for None."""
    return None if seconds is None else to_rfc3339(seconds)


def from_rfc3339(text: str) -> int:
    """Return the seconds since 1970 that `text` stands for. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no offset from UTC")
    return int(moment.timestamp())
