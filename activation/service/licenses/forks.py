"""Staff see the devices of whose key a copy showed (D6)."""

from dataclasses import replace
from typing import Final

from activation.licensing.roles import Act, may
from activation.licensing.values import value
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.licenses.forks import ForkedDevice, list_forked

__all__ = ["ForkedDevice", "ForkedPage", "see_forks"]
PAGE: Final = 100


@value
class ForkedPage:
    """A page of forked devices; `next_after` is the last activation's id when more may follow."""

    rows: tuple[ForkedDevice, ...]
    next_after: int | None


async def see_forks(work: Work, after: int = 0) -> ForkedPage:
    """Return the forked devices that hold a licence now, with activations above `after`.

    Of a restricted account names are for those who answer requests (G3).
    """
    sees_all = may(work.person.role, Act.ANSWER_PRIVACY)
    found = await list_forked(work.connection, after, PAGE)
    rows = tuple(row if sees_all or not row.restricted else replace(row, login="", name="") for row in found)
    named = (row.account_id for row in rows if row.login or row.name)
    await work.look(named, (PersonalField.LOGIN, PersonalField.DEVICE_NAME))
    return ForkedPage(rows, rows[-1].activation_id if len(rows) == PAGE else None)
