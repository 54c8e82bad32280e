"""Staff reset a licence with a reason (R4) within bounds (R5), or ask for another in its place (R2)."""

from dataclasses import replace
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import LICENSE, RESET, shard_of, to_text
from activation.licensing.overriding import (
    Override,
    OverrideKind,
    OverrideState,
    bound_reached,
    day_began,
    require_approval,
)
from activation.licensing.replacing import decide_replacement
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.licensing.weighing.explaining import decide_explained
from activation.service.batching.settling_one import lock_holding
from activation.service.resetting.overrides import NO_LICENSE, Overridden, attempt_of, free_license, tell_of
from activation.service.working import Work
from activation.storage.licenses.overrides import (
    add_override,
    count_resets,
    find_waiting,
    list_overrides,
    lock_agent,
)
from activation.storage.reading import Ask

PAGE: Final = 500


async def reset_by_staff(work: Work, license_id: int, reason: str, note: str) -> Overridden | Filed | Refused:
    """Free any licence for a reason that is kept (R4); past a bound keep the request for approval (R5)."""
    await lock_agent(work.connection, work.person.person_id)
    locked = await lock_holding(work, Ask(license_id=license_id))
    if locked is None:
        return Refused(Refusal.NOT_FOUND, "R1", NO_LICENSE)
    wanted = _wanted(work, OverrideKind.RESET, license_id, reason, note, locked.now)
    attempt = attempt_of(wanted)
    verdict = decide_explained(attempt, locked.holding, locked.now, work.desk.week, work.desk.traces.wants)
    if isinstance(verdict, Refused):
        return verdict
    began = day_began(locked.now, work.desk.week.zone)
    tally = await count_resets(work.connection, wanted.staff_id, license_id, began, locked.now)
    reached = bound_reached(work.desk.bounds, tally)
    if reached is not None:
        return await _file(work, wanted, *reached)
    done = replace(wanted, state=OverrideState.DONE)
    await add_override(work.connection, done)
    return await free_license(work, done, attempt, locked, verdict)


async def ask_replacement(work: Work, license_id: int, reason: str, note: str) -> Filed | Refused:
    """Ask a second person to have an offline-activated licence revoked and another given instead (R2)."""
    await lock_agent(work.connection, work.person.person_id)
    locked = await lock_holding(work, Ask(license_id=license_id))
    if locked is None:
        return Refused(Refusal.NOT_FOUND, "R2", NO_LICENSE)
    wanted = _wanted(work, OverrideKind.REPLACEMENT, license_id, reason, note, locked.now)
    verdict = decide_replacement(wanted, locked.holding, locked.now)
    return verdict if isinstance(verdict, Refused) else await _file(work, wanted, "replacement", 0)


async def list_resets(work: Work, state: OverrideState, after: int = 0) -> list[Override]:
    """Return resets by staff in a state with ids above `after`, by pages; with notes, so a look (G6)."""
    overrides = await list_overrides(work.connection, state, after, PAGE)
    await work.look((one.license_id for one in overrides), ("resets", "notes"))
    return overrides


async def _file(work: Work, wanted: Override, bound: str, height: int) -> Filed:
    """Keep a request for a second person; the same person asking again is told of the same one."""
    kept = await find_waiting(work.connection, wanted.license_id, wanted.staff_id, wanted.kind)
    if kept is None:
        await add_override(work.connection, wanted)
        await tell_of(work, EventKind.RESET_ASKED, wanted, {"bound": bound})
        named = {
            "license_id": to_text(LICENSE, wanted.license_id),
            "reset_id": to_text(RESET, wanted.reset_id),
        }
        await work.hook("limit.override", {**named, "bound": bound})
    return Filed(require_approval((kept or wanted).reset_id, bound, height))


def _wanted(work: Work, kind: OverrideKind, license_id: int, reason: str, note: str, now: int) -> Override:
    reset_id = work.new_id(shard_of(license_id))
    return Override(reset_id, license_id, kind, work.person.person_id, reason, note, now)
