"""What end users see of their own licences: how many are used (C3), and each by itself."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.holdings import ListingRow, list_mine
from activation.service.resetting.exposure import see_exposure
from activation.service.working import Work
from activation.storage.licenses.owning import Counts, Freed, count_own, list_freed

__all__ = ["Counts", "Freed", "OwnLicense", "count_mine", "see_mine"]
FREED: Final = 20
"""How many of the devices that a licence was freed from are shown."""
_UNKNOWN: Final = "There is no such licence."


@value
class OwnLicense:
    """One licence; until when the device it is on keeps working once it is freed (None: not known)."""

    row: ListingRow
    works_until: int | None
    freed: Sequence[Freed]


async def count_mine(work: Work) -> Counts:
    """Return how many licences the end user who is signed in has, used and free."""
    return await count_own(work.connection, work.person.person_id, work.now)


async def see_mine(work: Work, license_id: int) -> OwnLicense | Refused:
    """Show a licence of the end user who is signed in, and what it was on before."""
    rows = (await list_mine(work, license_id - 1, 1)).rows if license_id else []
    if not rows or rows[0].license.license_id != license_id:
        return Refused(Refusal.NOT_FOUND, "L4", _UNKNOWN)
    shown = await see_exposure(work, license_id)
    if isinstance(shown, Refused):
        return shown
    return OwnLicense(
        rows[0],
        shown.figures.certificate_until,
        await list_freed(work.connection, license_id, FREED),
    )
