"""The small erasure: one of the licensor's staff, or a reseller's user. What they did stays, by number."""

from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.verdicts import Refusal, Refused
from activation.service.privacy.erasing import enter
from activation.service.privacy.ledger import Entry
from activation.service.working import Work
from activation.storage.privacy.forgetting_users import (
    FoundUser,
    UserKind,
    find_user,
    find_user_by_id,
    forget_user,
)

__all__ = ["UserKind", "erase_user", "forget_user_again"]
_UNKNOWN: Final = "Nobody has this login."
_LAST: Final = "This is the last admin: make another one first."


async def erase_user(work: Work, kind: UserKind, login: str) -> int | Refused:
    """Erase a user by login; return the number that stays."""
    found = await find_user(work.connection, kind, login)
    if found is None:
        return Refused(Refusal.NOT_FOUND, "G3", _UNKNOWN)
    if found.last_admin:
        return Refused(Refusal.CONFLICT, "G3", _LAST)
    await _forget(work, found, "G3")
    await enter(work, [Entry(found.user_id, work.now)])
    return found.user_id


async def forget_user_again(work: Work, user_id: int) -> bool:
    """G5: erase a user again in a restored database; tell whether there is one with this number."""
    found = await find_user_by_id(work.connection, user_id)
    if found is not None:
        await _forget(work, found, "G5")
    return found is not None


async def _forget(work: Work, user: FoundUser, rule: str) -> None:
    await forget_user(work.connection, user)
    await work.tell(EventKind.ERASED, user.user_id, rule)
