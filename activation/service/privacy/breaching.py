"""G7: a breach report from the log: whose data, which fields, since when, by which reader, told to whom.

What was seen is handed on as it is read, sorted by person, field and reader, so that a year of looks fits
anywhere; the sums come at the end. Drawing one up is itself an event.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.privacy.persons import account_named, look_up
from activation.service.working import Work
from activation.storage.privacy.looks import (
    Asked,
    Exposed,
    LooksOfDay,
    Reader,
    count_days,
    find_reader,
    readers_named,
    stream_exposed,
)

__all__ = ["BreachReport", "Exposed", "Question", "ReaderSum", "report_breach"]
_NO_READER: Final = "Nobody of staff or of a reseller has this login."
_NO_SPAN: Final = "A report begins before it ends."


@value
class Question:
    """What a report is about: looks from `since` to before `until` (seconds), by one, at one."""

    since: int
    until: int
    reader: str | None = None
    person: str | None = None
    field: str | None = None


@dataclass(slots=True)
class ReaderSum:
    """How much one reader saw: of how many people, in how many fields of theirs, how often."""

    actor: int
    reader_id: int | None
    role: int | None
    fields: int = 0
    times: int = 0
    persons: set[int] = field(default_factory=set)


@value
class BreachReport:
    """The sums of a report. `readers` are those in `sums` who are known still, by their number."""

    question: Question
    made_at: int
    persons: int
    days: list[LooksOfDay]
    sums: list[ReaderSum]
    readers: dict[int, Reader]


async def report_breach(
    work: Work, question: Question, take: Callable[[Exposed], None]
) -> BreachReport | Refused:
    """Hand each thing that was seen to `take`, and return the sums."""
    asked = await _understand(work, question)
    if isinstance(asked, Refused):
        return asked
    persons: set[int] = set()
    sums: dict[tuple[int, int | None, int | None], ReaderSum] = {}
    async for one in stream_exposed(work.connection, asked):
        take(one)
        persons.add(one.person_id)
        who = (one.actor, one.actor_id, one.role)
        _add(sums.setdefault(who, ReaderSum(*who)), one)
    ids = {one.reader_id for one in sums.values() if one.reader_id is not None}
    readers = await readers_named(work.connection, ids)
    days = await count_days(work.connection, asked)
    await _tell(work, asked, len(persons))
    return BreachReport(question, work.now, len(persons), days, list(sums.values()), readers)


async def _understand(work: Work, question: Question) -> Asked | Refused:
    if question.since >= question.until:
        return Refused(Refusal.MALFORMED, "G7", _NO_SPAN, facts={"field": "until"})
    reader_id = None
    if question.reader is not None:
        reader_id = await find_reader(work.connection, question.reader)
        if reader_id is None:
            return Refused(Refusal.NOT_FOUND, "G7", _NO_READER)
    account_id = None if question.person is None else account_named(question.person)
    if account_id is not None:
        known = await look_up(work, account_id)
        if isinstance(known, Refused):
            return known
    return Asked(question.since, question.until, reader_id, account_id, question.field)


def _add(total: ReaderSum, one: Exposed) -> None:
    total.fields += 1
    total.times += one.times
    total.persons.add(one.person_id)


async def _tell(work: Work, asked: Asked, persons: int) -> None:
    """Note that a report was drawn up, about the person it asks for, else about whoever asks."""
    told = {
        "since": asked.since,
        "until": asked.until,
        "reader": None if asked.reader_id is None else to_text("", asked.reader_id),
        "person": None if asked.account_id is None else to_text(ACCOUNT, asked.account_id),
        "field": asked.field,
        "persons": persons,
    }
    about = work.person.person_id if asked.account_id is None else asked.account_id
    await work.tell(EventKind.BREACH_REPORTED, about, "G7", told)
