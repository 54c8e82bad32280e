"""Staff see the devices of whose key a copy showed (D6)."""

from typing import Final

from activation.licensing.values import value
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.forks import ForkedDevice, list_forked

__all__ = ["ForkedDevice", "ForkedPage", "see_forks"]
PAGE: Final = 100


@value
class ForkedPage:
    """A page of forked devices; `next_after` is the last activation's id when more may follow."""

    rows: tuple[ForkedDevice, ...]
    next_after: int | None


async def see_forks(work: Work, after: int = 0) -> ForkedPage:
    """Return the forked devices that hold a licence now, with activations above `after`."""
    rows = tuple(await list_forked(work.connection, after, PAGE))
    await work.look((row.account_id for row in rows), (PersonalField.LOGIN, PersonalField.DEVICE_NAME))
    return ForkedPage(rows, rows[-1].activation_id if len(rows) == PAGE else None)
