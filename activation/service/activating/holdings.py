"""What an account holds, for its owner's eyes; and the check that it is the owner who asks."""

from typing import Final

from activation.licensing.attempts import By
from activation.licensing.identifiers import account_of_login
from activation.licensing.model import AccountState
from activation.licensing.resetting import when_resettable
from activation.licensing.standing import account_refusal, state_word
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import refuse_wrong
from activation.service.credentials import claimed, make_credential, who
from activation.service.desk import Caller, Desk
from activation.service.not_now import unavailable
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.working import Work
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.accounts import ListedLicense, list_licenses, read_account
from activation.storage.connection import Connection
from activation.storage.lending import lend
from activation.storage.outgoing.mails import Recipient, read_recipient

PAGE: Final = 1000
_OWNER_ONLY = "The activation password only activates. This needs the owner's password."


@value
class ListingRow:
    """A licence, its state in a word, and whether or when its owner may reset it."""

    license: ListedLicense
    state: str
    can_reset: bool
    next_reset_at: int | None


@value
class Listing:
    """A page of an account's licences; `next_after` is the last one's id when more follow."""

    rows: list[ListingRow]
    next_after: int | None


async def list_holdings(
    desk: Desk, caller: Caller, login: str, password: str, after: int = 0
) -> Listing | Refused:
    """List the account's licences of all products, a thousand at a time."""
    by = await check_owner(desk, caller, login, password)
    if isinstance(by, Refused):
        return by
    if by is not By.OWNER:
        return Refused(Refusal.FORBIDDEN, "R1", _OWNER_ONLY)
    try:
        async with lend(desk.pool) as connection:
            return await _list(desk, connection, account_of_login(login), after, PAGE)
    except DatabaseUnavailableError:
        return unavailable()


async def list_mine(work: Work, after: int = 0, limit: int = PAGE, device: str = "") -> Listing:
    """List the licences of the end user who is signed in; with `device`, those on devices named so."""
    if "\x00" in device:
        return Listing([], None)  # no text of the database's has one
    return await _list(work.desk, work.connection, work.person.person_id, after, limit, device)


async def who_am_i(work: Work) -> Recipient:
    """Return login, name and e-mail of the end user who is signed in."""
    return await read_recipient(work.connection, work.person.person_id)


async def _list(
    desk: Desk, connection: Connection, account_id: int, after: int, limit: int, device: str = ""
) -> Listing:
    now, listed = await list_licenses(connection, account_id, after, limit, device)
    rows = [_tell(desk, entry, now + desk.clock.shift_s) for entry in listed]
    return Listing(rows, listed[-1].license_id if len(listed) == limit else None)


async def check_owner(desk: Desk, caller: Caller, login: str, password: str) -> By | Refused:
    """Return as whom login and password speak, or the refusal for wrong ones."""
    try:
        async with lend(desk.pool) as connection:
            await now_knowing_pepper(desk, connection)
            credential = make_credential(desk.secrets.passwords, login, password)
            account = await read_account(connection, credential.account_id)
    except DatabaseUnavailableError:
        return unavailable()
    by = who(credential, account)
    if by is None or account is None:
        return await refuse_wrong(desk, caller, credential.account_id, claimed(credential.account_id))
    desk.rekeying.note_shown(credential, account)
    if account.state is not AccountState.OPEN:
        return account_refusal(account) or by
    return by


def _tell(desk: Desk, entry: ListedLicense, now: int) -> ListingRow:
    may_ever = not entry.orphaned and all(device.online for device in entry.devices)
    return ListingRow(
        entry,
        state_word(entry.state, entry.ends_at, now),
        *when_resettable(may_ever, entry.self_reset_at, now, desk.week),
    )
