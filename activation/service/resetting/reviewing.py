"""R5: staff look through each other's resets: what waits for a second person, what was done and by whom."""

from collections.abc import Iterable, Mapping
from typing import Final

from activation.licensing.overriding import Override, OverrideState
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.resetting.overrides import NO_RESET
from activation.service.resetting.previewing import Preview, preview
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.identity.staff import read_logins
from activation.storage.licenses.overrides import list_by_time, read_override

PAGE: Final = 100


@value
class Reviewed:
    """A page of resets by staff, and the logins of who asked and decided, by id.

    `next_after` is the last one's id when more may follow.
    """

    rows: list[Override]
    logins: Mapping[int, str]
    next_after: int | None


@value
class Review:
    """One reset by staff, who had to do with it, and its licence as it stands now."""

    override: Override
    logins: Mapping[int, str]
    preview: Preview


async def review_resets(work: Work, state: OverrideState, after: int = 0) -> Reviewed:
    """Return resets by staff in a state: the oldest first of what waits, else the newest. A look (G6)."""
    rows = await list_by_time(work.connection, state, after, PAGE)
    await work.look((one.license_id for one in rows), ("resets", "notes"))
    return Reviewed(rows, await _logins(work, rows), rows[-1].reset_id if len(rows) == PAGE else None)


async def review_reset(work: Work, reset_id: int) -> Review | Refused:
    """Return one reset by staff with what it leaves, or would leave, open (R6). A look (G6)."""
    override = await read_override(work.connection, reset_id)
    if override is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_RESET)
    previewed = await preview(work, override.license_id)
    if isinstance(previewed, Refused):
        return previewed
    await work.look([override.license_id], ("resets", "notes"))
    return Review(override, await _logins(work, [override]), previewed)


async def name_staff(work: Work, staff_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the logins of those of staff, None left out. A look at all but oneself (G6)."""
    logins = await read_logins(work.connection, {one for one in staff_ids if one})
    await work.look((one for one in logins if one != work.person.person_id), (PersonalField.LOGIN,))
    return logins


async def _logins(work: Work, rows: list[Override]) -> Mapping[int, str]:
    return await name_staff(
        work, (one for row in rows for one in (row.staff_id, row.decided_by, row.undone_by))
    )
