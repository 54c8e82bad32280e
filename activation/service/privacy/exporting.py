"""G3: a copy of all that is known of a person, licences by pages. Each copy is counted and logged."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from activation.licensing.events import EventKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import ORDERS, Work
from activation.storage.accounts import PersonalField
from activation.storage.privacy.person import Rows, count_copies, read_account_told, read_sections
from activation.storage.privacy.person_licenses import LICENSE_SECTIONS, read_person_licenses
from activation.storage.privacy.wishes import read_personal

PAGE: Final = 1000
"""Licences in one page: as many as fit memory and a second, whatever a company holds."""
FREE_COPIES: Final = 1
_WORDS: Final[Mapping[str, str]] = {"purchases": ORDERS, "events": "history"}
"""As what looks name sections that they name otherwise."""
Licenses = Sequence[Mapping[str, Any]]
_UNKNOWN: Final = "There is no such account."


@value
class FirstPage:
    """What the first page of a copy holds beside licences."""

    number: int
    account: Mapping[str, Any]
    personal: Mapping[PersonalField, str]
    sections: Mapping[str, Rows]


@value
class PersonPage:
    """A page of a copy; `next_after` is the last licence's id when more may follow."""

    account_id: int
    made_at: int
    licenses: Sequence[Mapping[str, Any]]
    next_after: int | None
    first: FirstPage | None


async def export_person(work: Work, account_id: int, after: int = 0) -> PersonPage | Refused:
    """Return the page of an account's copy behind the licence `after`; its first page counts as a copy."""
    account = await read_account_told(work.connection, account_id)
    if account is None:
        return Refused(Refusal.NOT_FOUND, "G3", _UNKNOWN)
    first = None if after else await _read_first(work, account_id, account)
    licenses = await read_person_licenses(work.connection, account_id, after, PAGE)
    next_after = licenses[-1]["license_id"] if len(licenses) == PAGE else None
    if first is not None:
        await _tell(work, account_id, first, licenses)
    else:
        await work.look([account_id], sorted(_fields_of(licenses)), EventKind.EXPORTED)
    return PersonPage(account_id, work.now, licenses, next_after, first)


async def _read_first(work: Work, account_id: int, account: Mapping[str, Any]) -> FirstPage:
    return FirstPage(
        await count_copies(work.connection, account_id) + 1,
        account,
        await read_personal(work.connection, account_id),
        await read_sections(work.connection, account_id),
    )


async def _tell(work: Work, account_id: int, first: FirstPage, licenses: Licenses) -> None:
    fields = {kind.name.lower() for kind in first.personal} | _fields_of(licenses) | {"account"}
    fields |= _named(first.sections)
    told = {"act": "privacy.export", "fields": sorted(fields), "copy": first.number, "at": work.now}
    await work.tell(EventKind.EXPORTED, account_id, "G3", told)


def _fields_of(licenses: Licenses) -> set[str]:
    """Return what a page of licences shows, by the words of `look`."""
    fields = {"licenses"}
    for one in licenses:
        fields |= _named({name: one[name] for name in LICENSE_SECTIONS})
    if any(device["name"] is not None for one in licenses for device in one["devices"]):
        fields.add(PersonalField.DEVICE_NAME.name.lower())
    return fields


def _named(sections: Mapping[str, Rows]) -> set[str]:
    """Return the names of those sections that hold anything, as looks name them."""
    fields = {_WORDS.get(name, name) for name, rows in sections.items() if rows}
    noted = (row for name, rows in sections.items() if name != "billing" for row in rows)
    if any(row.get("address") for row in noted):
        fields.add("ip_address")
    return fields
