"""Whose data something is about: an account, named by its login or its id."""

from typing import Final

from activation.licensing.identifiers import ACCOUNT, account_of_login, from_text
from activation.licensing.privacy.consenting import Wishes
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.privacy.wishes import lock_wishes, read_personal, read_wishes

_UNKNOWN: Final = "There is no such account."
_CLOSED: Final = "This account is closed."


def account_named(name: str) -> int:
    """Return the account that an id (`acc_…`) or a login names, whether or not there is one."""
    account_id = from_text(ACCOUNT, name)
    return account_of_login(name) if account_id is None else account_id


async def look_up(work: Work, account_id: int) -> Wishes | Refused:
    """Return how an account stands, or that there is none."""
    wishes = await read_wishes(work.connection, account_id)
    return Refused(Refusal.NOT_FOUND, "G3", _UNKNOWN) if wishes is None else wishes


async def see_person(work: Work, account_id: int) -> dict[str, str] | Refused:
    """Show what an account's person gave of themselves, by fields' names: a look at each (G6)."""
    wishes = await look_up(work, account_id)
    if isinstance(wishes, Refused):
        return wishes
    known = await read_personal(work.connection, account_id)
    if known:
        await work.look([account_id], sorted(known))
    return {field.name.lower(): known.get(field, "") for field in PersonalField}


async def hold_open(work: Work, account_id: int) -> Wishes | Refused:
    """Return how an account stands that is open, held until the transaction ends."""
    wishes = await lock_wishes(work.connection, account_id)
    if wishes is None:
        return Refused(Refusal.NOT_FOUND, "G3", _UNKNOWN)
    return Refused(Refusal.ACCOUNT_CLOSED, "G3", _CLOSED) if wishes.closed else wishes
