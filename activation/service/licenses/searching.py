"""One box for whatever a person on the phone can tell: staff search as they type.

A login, an e-mail, a device's name, an id or a whole certificate; where nothing is called just so, whatever
begins so. Who was found is a look at what is known of them (G6), so pages are short.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Final

from activation.licensing.identifiers import LICENSE, from_text
from activation.licensing.roles import Act, may
from activation.licensing.traces import SEES, FactKind, read_trace_id
from activation.licensing.values import value
from activation.service.licenses.finding import Seen, find_named, see_rows
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.licenses.finding import (
    FoundAccount,
    find_beginnings,
    find_certificate,
    find_of,
    read_found_accounts,
)
from activation.storage.licenses.owners import list_of_account
from activation.storage.traces import find_traces

__all__ = ["PAGE", "Found", "FoundAccount", "search"]
PAGE: Final = 20
NAMES: Final = 40
SHORTEST: Final = 3
"""From so many letters on, names that only begin so are found."""
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_CERTIFICATE: Final = re.compile(r"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")


@value
class Found:
    """What a search came to: a page of licences, with `next_after` when more may follow.

    `accounts` have none of these licences; the login of one in `hidden` is not for this reader's eyes (G3).
    `license_id` is there where the licence itself was named, by its id or its certificate; `trace_id` where a
    refusal has this name. `is_cut`: more names begin so than were looked at.
    """

    rows: Sequence[Seen] = ()
    accounts: Sequence[FoundAccount] = ()
    next_after: int | None = None
    license_id: int | None = None
    trace_id: str | None = None
    is_cut: bool = False
    hidden: frozenset[int] = frozenset()


@value
class _Named:
    """Whose names they are; `by_email` are the accounts that an e-mail led to."""

    accounts: list[int]
    activations: list[int]
    by_email: list[int]
    is_cut: bool = False


async def search(work: Work, query: str, after: int = 0) -> Found:
    """Return what `query` may mean, the licences that follow the one `after`; nothing if it is empty."""
    query = query.strip()
    if not query:
        return Found()
    named = await _license_of(work, query)
    if named is not None:
        rows = await see_rows(work, [named] if named > after else [])
        return Found(rows, license_id=named if rows else None)
    whose = await _whose(work, query)
    ids = await _list(work, whose, after)
    rows = await see_rows(work, ids[:PAGE])
    held = {row.license.account_id for row in rows}
    # On a later page, whoever has no licence there had them before.
    others = [] if after else [one for one in whose.accounts if one not in held]
    accounts = await read_found_accounts(work.connection, others)
    hidden = _hidden(work, accounts)
    others = [one.account_id for one in accounts]
    await work.look((one for one in others if one not in hidden), (PersonalField.LOGIN,))
    await work.look((one for one in whose.by_email if one in held.union(others)), (PersonalField.EMAIL,))
    return Found(
        rows,
        accounts,
        ids[PAGE - 1] if len(ids) > PAGE else None,
        trace_id=await _trace_of(work, query),
        is_cut=whose.is_cut,
        hidden=hidden,
    )


async def _list(work: Work, whose: _Named, after: int) -> list[int]:
    """Return a page's licences and one more; where many are one account's, no more of them are read."""
    if len(whose.accounts) == 1 and not whose.activations:
        return await list_of_account(work.connection, whose.accounts[0], after, PAGE + 1)
    return await find_of(work.connection, whose.accounts, whose.activations, after, PAGE + 1)


async def _license_of(work: Work, query: str) -> int | None:
    """Return the licence that an id, or a certificate pasted whole, names."""
    pasted = _CERTIFICATE.fullmatch(query)
    if pasted is not None:
        return _read_subject(pasted[1])
    if _JTI.fullmatch(query):
        return await find_certificate(work.connection, query)
    return from_text(LICENSE, query.casefold())


def _read_subject(claims: str) -> int | None:
    """Return the licence that a certificate says it is of: genuine or not, it is only looked for."""
    try:
        told = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return from_text(LICENSE, told["sub"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


async def _whose(work: Work, query: str) -> _Named:
    accounts, activations = await find_named(work, query)
    if accounts or activations:
        return _Named(accounts, activations, accounts if "@" in query else [])
    if len(query) < SHORTEST:
        return _Named([], [], [])
    fields = [PersonalField.LOGIN, PersonalField.DEVICE_NAME]
    if FactKind.CONTACT in SEES[work.person.role]:
        fields.append(PersonalField.EMAIL)
    found = await find_beginnings(work.connection, query, fields, NAMES)
    devices = [subject for subject, field in found if field is PersonalField.DEVICE_NAME]
    by_email = [subject for subject, field in found if field is PersonalField.EMAIL]
    logins = [subject for subject, field in found if field is PersonalField.LOGIN]
    return _Named(sorted({*logins, *by_email}), devices, by_email, len(found) == NAMES)


async def _trace_of(work: Work, query: str) -> str | None:
    """Return the name of a refusal that this may be: many words could, so it is looked for."""
    trace_id = read_trace_id(query) if may(work.person.role, Act.SEE_TRACES) else None
    return trace_id if trace_id is not None and await find_traces(work.connection, trace_id) else None


def _hidden(work: Work, accounts: Sequence[FoundAccount]) -> frozenset[int]:
    if may(work.person.role, Act.ANSWER_PRIVACY):
        return frozenset()
    return frozenset(one.account_id for one in accounts if one.restricted)
