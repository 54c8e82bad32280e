"""Staff find a licence by a login, an e-mail, an id or a device's name, and read its history."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.devices.explaining import DriftStanding, explain_drift
from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, account_of_login, from_text
from activation.licensing.resetting import when_resettable
from activation.licensing.roles import Act, may
from activation.licensing.standing import state_word
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.licenses.finding import (
    FoundDevice,
    FoundLicense,
    find_accounts,
    find_device_names,
    find_of,
    list_license_ids,
    read_licenses,
)
from activation.storage.licenses.histories import Happening, Noted, read_happenings, read_notes
from activation.storage.traces import find_known

__all__ = [
    "FoundDevice",
    "FoundLicense",
    "Happening",
    "History",
    "Noted",
    "Page",
    "Seen",
    "find_licenses",
    "find_named",
    "see_history",
    "see_license",
    "see_notes",
    "see_rows",
]
PAGE: Final = 100
HISTORY: Final = 500
_UNKNOWN: Final = "There is no such licence."


@value
class Seen:
    """A licence, its state in a word, and whether or when its owner may reset it.

    `standings` tell of each of its devices, in their order, which parts changed (D4). `hidden`: what its
    account's person gave is restricted, and not for this reader's eyes (G3).
    """

    license: FoundLicense
    state: str
    can_reset: bool
    next_reset_at: int | None
    standings: tuple[DriftStanding, ...]
    hidden: bool = False


@value
class Page:
    """A page of licences; `next_after` is the last one's id when more may follow."""

    rows: list[Seen]
    next_after: int | None


@value
class History:
    """A licence with its latest events and all notes, the newest first."""

    seen: Seen
    events: list[Happening]
    notes: list[Noted]


async def find_licenses(work: Work, query: str, after: int = 0) -> Page:
    """Return the licences that `query` may mean, all if it is empty, with ids above `after`."""
    query = query.strip()
    found = await _find(work, query, after)
    rows = await see_rows(work, found)
    if "@" in query:  # whoever finds somebody by an e-mail knows now whose it is
        await work.look((row.license.account_id for row in rows), (PersonalField.EMAIL,))
    return Page(rows, found[-1] if len(found) == PAGE else None)


async def see_rows(work: Work, license_ids: Sequence[int]) -> list[Seen]:
    """Return those of the licences that there are, by id, and tell of the look."""
    rows = [_see(work, one) for one in await read_licenses(work.connection, license_ids)]
    await _tell_looks(work, rows)
    return rows


async def see_license(work: Work, license_id: int) -> Seen | Refused:
    """Return one licence."""
    found = await see_rows(work, [license_id])
    return found[0] if found else Refused(Refusal.NOT_FOUND, "L8", _UNKNOWN)


async def see_history(work: Work, license_id: int) -> History | Refused:
    """Return one licence with what happened to it."""
    seen = await see_license(work, license_id)
    if isinstance(seen, Refused):
        return seen
    events = await read_happenings(work.connection, license_id, HISTORY)
    notes = await read_notes(work.connection, license_id)
    await work.look([license_id], ("history", "notes") if notes else ("history",))
    return History(seen, events, notes)


async def see_notes(work: Work, license_id: int) -> list[Noted]:
    """Return why staff changed a licence's standing, the newest first. A look (G6)."""
    notes = await read_notes(work.connection, license_id)
    if notes:
        await work.look([license_id], ("notes",))
    return notes


async def _find(work: Work, query: str, after: int) -> list[int]:
    if not query:
        return await list_license_ids(work.connection, after, PAGE)
    named = from_text(LICENSE, query)
    if named is not None:
        return [named] if named > after else []
    accounts, activations = await find_named(work, query)
    return await find_of(work.connection, accounts, activations, after, PAGE)


async def find_named(work: Work, query: str) -> tuple[list[int], list[int]]:
    """Return the accounts and the activations that `query` is the id, the login, the e-mail or the name of.

    A device's name counts only where nobody's login is the same.
    """
    connection = work.connection
    activation_id = from_text(ACTIVATION, query)
    if activation_id is not None:
        return [], [activation_id]
    account_id = from_text(ACCOUNT, query)
    if account_id is not None:
        return [account_id], []
    # A login names its account even after somebody changed how it is written.
    named = [account_of_login(query), *await find_accounts(connection, query)]
    accounts = await find_known(connection, named)
    if accounts or "@" in query:
        return sorted(accounts), []
    return [], await find_device_names(connection, query)


async def _tell_looks(work: Work, rows: Sequence[Seen]) -> None:
    """G6: tell whose login was seen, and whose devices' names."""
    rows = [row for row in rows if not row.hidden]
    named = [row.license.account_id for row in rows if any(device.name for device in row.license.devices)]
    others = {row.license.account_id for row in rows}.difference(named)
    await work.look(named, (PersonalField.LOGIN, PersonalField.DEVICE_NAME))
    await work.look(sorted(others), (PersonalField.LOGIN,))


def _see(work: Work, held: FoundLicense) -> Seen:
    may_ever = not held.orphaned and all(device.online for device in held.devices)
    return Seen(
        held,
        state_word(held.state, held.ends_at, work.now),
        *when_resettable(may_ever, held.self_reset_at, work.now, work.desk.week),
        tuple(explain_drift(device.enrolment, work.now) for device in held.devices),
        held.restricted and not may(work.person.role, Act.ANSWER_PRIVACY),
    )
