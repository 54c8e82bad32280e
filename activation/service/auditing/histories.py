"""A licence's or a person's history: who did what, in which role, from where, by which rule.

Reading it is a look at what is known of people, and is told as one (G6).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import (
    ACCOUNT,
    LICENSE,
    ORDER,
    RESELLER,
    STAFF,
    SUBSCRIPTION,
    USER,
    account_of_login,
    from_text,
)
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.auditing.whence import is_beyond_telling, is_unchanged
from activation.service.working import Work
from activation.storage.accounts import PersonalField, read_account
from activation.storage.auditing.histories import (
    LoggedEvent,
    Position,
    find_client,
    find_person,
    list_licenses_of,
    name_kinds,
    name_people,
    read_log,
)

__all__ = ["NEWEST", "PAGE", "LogPage", "LoggedEvent", "Position", "name_actors", "see_log"]
PAGE: Final = 100
NEWEST: Final = Position(datetime(9999, 1, 1, tzinfo=UTC), (1 << 63) - 1, (1 << 63) - 1)
_UNKNOWN: Final = "Nothing and nobody is called that."
_PEOPLE: Final = (STAFF, USER)
_OTHERS: Final = (LICENSE, RESELLER, ORDER, SUBSCRIPTION)


@value
class _Whose:
    """Whose history: the ids that events are about, the person who may have acted, and at whom one looks.

    One who looks at an order or a subscription looks at its client.
    """

    abouts: Sequence[int]
    person_id: int | None = None
    seen: int | None = None


@value
class LogPage:
    """A page of a history, the newest first; `next_before` when more may follow.

    `kinds` says what each event is about: "license", "account", "staff", "user", "reseller". `unproved` are
    the events whose address is another one than was noted.
    """

    rows: Sequence[LoggedEvent]
    kinds: Mapping[int, str]
    unproved: frozenset[int]
    next_before: Position | None


async def see_log(
    work: Work, name: str, before: Position = NEWEST, limit: int = PAGE, *, with_looks: bool = True
) -> LogPage | Refused:
    """Return the history of a licence, an account with its licences, or a person, by id or login.

    Looks are most of it; without them it is told what was done.
    """
    whose = await _find(work, name.strip())
    if whose is None:
        return Refused(Refusal.NOT_FOUND, "G6", _UNKNOWN)
    but = () if with_looks else (EventKind.LOOKED,)
    rows = await read_log(work.connection, whose.abouts, whose.person_id, before, limit, but)
    fields = ["history", "ip_address"] if any(row.address is not None for row in rows) else ["history"]
    await work.look([whose.abouts[0] if whose.seen is None else whose.seen], fields)
    last = rows[-1] if len(rows) == limit else None
    return LogPage(
        rows,
        await name_kinds(work.connection, sorted({row.about for row in rows})),
        frozenset(row.event_id for row in rows if not _is_proved(work, row)),
        None if last is None else Position(last.happened, last.event_id, last.about),
    )


async def name_actors(work: Work, rows: Sequence[LoggedEvent]) -> Mapping[int, str]:
    """Return the logins of staff and resellers' users who did these things; that is a look at them."""
    names = await name_people(work.connection, sorted({row.actor_id for row in rows if row.actor_id}))
    await work.look(names, (PersonalField.LOGIN,))
    return names


async def _find(work: Work, name: str) -> _Whose | None:
    for prefix in _PEOPLE:
        found = from_text(prefix, name)
        if found is not None:
            return _Whose([found], found)
    for prefix in _OTHERS:
        found = from_text(prefix, name)
        if found is not None:
            return _Whose([found], seen=await find_client(work.connection, found))
    person = await find_person(work.connection, name)
    if person is not None:
        return _Whose([person[1]], person[1])
    named = from_text(ACCOUNT, name)
    account_id = account_of_login(name) if named is None else named
    if await read_account(work.connection, account_id) is None:
        return None
    return _Whose([account_id, *await list_licenses_of(work.connection, account_id)], account_id)


def _is_proved(work: Work, row: LoggedEvent) -> bool:
    if row.address is None:
        return True
    digest = row.address_digest or b""
    peppers = work.desk.peppers
    if any(is_unchanged(keys.audit, row.event_id, row.address, digest) for keys in peppers.known.values()):
        return True
    return bool(digest) and is_beyond_telling(int(row.happened.timestamp()), peppers.gaps)
