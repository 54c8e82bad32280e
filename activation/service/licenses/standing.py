"""L8: suspending, reinstating, revoking, ending and extending licences, one or a hundred thousand.

All of these may be called by any use case. A licence may be held for several reasons at once and is active
again when the last is gone; its devices keep their places meanwhile. What stands so already is left alone,
and a revoked licence never changes again.
"""

from collections.abc import Mapping
from typing import Any

from activation.licensing.events import EventKind
from activation.licensing.model import Hold
from activation.service.working import Work
from activation.storage.licenses.standing import (
    END,
    EXTEND,
    HOLD,
    ORPHAN,
    RELEASE,
    REVOKE,
    UPDATES,
    Alteration,
    Where,
    alter_licenses,
    hold_words,
)

Details = Mapping[str, Any]


async def hold_licenses(
    work: Work, where: Where, hold: Hold, rule: str = "L8", details: Details | None = None
) -> list[int]:
    """Suspend the licences for one reason; return the ids of those that were not held for it before."""
    told = {"hold": hold_words(hold), **(details or {})}
    return await _alter(work, where, HOLD, int(hold), EventKind.SUSPENDED, rule, told)


async def release_hold(
    work: Work, where: Where, hold: Hold, rule: str = "L8", details: Details | None = None
) -> list[int]:
    """Take one reason away; a licence without any other is active again. Return whose reason it was."""
    told = {"hold": hold_words(hold), **(details or {})}
    return await _alter(work, where, RELEASE, int(hold), EventKind.REINSTATED, rule, told)


async def revoke_licenses(
    work: Work, where: Where, rule: str = "L8", details: Details | None = None
) -> list[int]:
    """Revoke the licences for good; return the ids of those that were not yet."""
    return await _alter(work, where, REVOKE, 0, EventKind.REVOKED, rule, details)


async def end_licenses(
    work: Work,
    where: Where,
    at: int,
    rule: str = "L8",
    details: Details | None = None,
    kind: EventKind = EventKind.LICENSE_STATE,
) -> list[int]:
    """Let the licences end at `at` (seconds) at the latest; return the ids of those that ended later."""
    return await _alter(work, where, END, at, kind, rule, {"ends_at": at, **(details or {})})


async def extend_licenses(
    work: Work, where: Where, until: int, rule: str = "L8", details: Details | None = None
) -> list[int]:
    """Let the licences that have an end last until `until` (seconds); return the ids of those it moved."""
    told = {"ends_at": until, **(details or {})}
    return await _alter(work, where, EXTEND, until, EventKind.EXTENDED, rule, told)


async def orphan_licenses(work: Work, where: Where, at: int, rule: str = "R9") -> list[int]:
    """R9: no resets any more, and no builds released after `at` (seconds); they go on working."""
    return await _alter(work, where, ORPHAN, at, EventKind.LICENSE_STATE, rule, {"orphaned": True})


async def set_updates_until(
    work: Work, where: Where, until: int, rule: str = "L7", details: Details | None = None
) -> list[int]:
    """L7: let builds released until `until` (seconds) be used; an orphaned licence stays as it is."""
    told = {"updates_until": until, **(details or {})}
    return await _alter(work, where, UPDATES, until, EventKind.LICENSE_STATE, rule, told)


async def _alter(
    work: Work,
    where: Where,
    alteration: Alteration,
    arg: int,
    kind: EventKind,
    rule: str,
    details: Details | None,
) -> list[int]:
    event = work.event(kind, 0, rule, details)
    return await alter_licenses(work.connection, where, alteration, arg, event)
