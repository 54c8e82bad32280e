"""The overview: what happened in the last hour by minute, in the last year by day, and what is about to.

Made of sums only: it names nobody but the licensor's own agents, and these to whom oversight is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Final

from activation.licensing.calendars import day_of, midnight
from activation.licensing.events import EventKind
from activation.licensing.roles import Act, may
from activation.licensing.storms import MINUTE_S, Storm, find_storms, usual_of
from activation.licensing.values import value
from activation.service.overview.counting import LOAD
from activation.service.overview.key_ages import KeyAge, list_keys
from activation.service.working import Work
from activation.storage.activity import (
    REFUSED,
    Span,
    Sum,
    Total,
    count_ending_subscriptions,
    name_staff,
    read_load,
    read_sums,
    read_totals,
)

HOUR_S: Final = 3600
DAY_S: Final = 86_400
DAYS: Final = 365
WEEKS: Final = 13


@value
class Picture:
    """What happened in each of a row of minutes or days, which begin at `starts` (seconds since 1970)."""

    starts: tuple[int, ...]
    numbers: Mapping[tuple[int, str], Sequence[int]] = field(hash=False)

    def of(self, *whats: int) -> list[int]:
        """Return the numbers of these kinds of event together."""
        added = [0] * len(self.starts)
        for (what, _), numbers in self.numbers.items():
            if what in whats:
                added = [one + more for one, more in zip(added, numbers, strict=True)]
        return added

    def refusals(self) -> list[tuple[str, Sequence[int]]]:
        """Return the numbers of refusals by their code, the most frequent first."""
        found = [(reason, numbers) for (what, reason), numbers in self.numbers.items() if what == REFUSED]
        return sorted(found, key=lambda one: (-sum(one[1]), one[0]))


@value
class Ending:
    """Subscriptions that run: whose paid time ended (`overdue`), or ends in each of the next weeks (S2)."""

    overdue: int
    weeks: tuple[int, ...]


@value
class Overview:
    """All that the overview shows. `agents` and `ending` are None for who may not see them."""

    picture: Picture
    resets: Mapping[str, int] = field(hash=False)
    """Resets by staff, by reason, the most frequent first."""
    agents: Mapping[str, int] | None = field(hash=False)
    load: tuple[int, ...] = field(hash=False)
    """Requests in each minute of the hour; in the busiest minute of each day."""
    storms: tuple[Storm, ...]
    """Those of the last 24 hours, the newest first."""
    ending: Ending | None
    keys: tuple[KeyAge, ...]


async def see_hour(work: Work) -> Overview:
    """Return the last hour by minute, the one that runs included."""
    last = work.now - work.now % MINUTE_S
    starts = tuple(range(last - HOUR_S + MINUTE_S, last + MINUTE_S, MINUTE_S))
    return await _see(work, Span.MINUTE, starts)


async def see_year(work: Work) -> Overview:
    """Return the last 365 days, today included; days are the vendor's."""
    zone = work.desk.week.zone
    today = day_of(work.now, zone)
    starts = tuple(midnight(today - timedelta(days=back), zone) for back in range(DAYS - 1, -1, -1))
    return await _see(work, Span.DAY, starts)


async def _see(work: Work, span: Span, starts: tuple[int, ...]) -> Overview:
    connection, role = work.connection, work.person.role
    picture = _picture(starts, await read_sums(connection, span, starts[0]))
    resets = await read_totals(connection, span, starts[0], [EventKind.AGENT_RESET])
    busy = await read_load(connection, work.now - DAY_S, LOAD)
    if span is Span.DAY:
        peaks = await read_sums(connection, Span.PEAK, starts[0])
        load = _row(starts, {one.since: one.number for one in peaks})
    else:
        load = _row(starts, busy)
    return Overview(
        picture,
        _sum(resets, lambda one: one.reason),
        await _agents(work, resets) if may(role, Act.SEE_STAFF) else None,
        load,
        tuple(find_storms(busy, usual_of(busy, _minute(work.now - DAY_S), _minute(work.now)))),
        await _ending(work) if may(role, Act.SEE_SUBSCRIPTIONS) else None,
        list_keys(work.desk.maker.ring, work.now),
    )


def _picture(starts: tuple[int, ...], sums: Sequence[Sum]) -> Picture:
    place = {start: at for at, start in enumerate(starts)}
    numbers: dict[tuple[int, str], list[int]] = {}
    for one in sums:
        if one.since in place:
            row = numbers.setdefault((one.what, one.reason), [0] * len(starts))
            row[place[one.since]] += one.number
    return Picture(starts, numbers)


def _row(starts: Sequence[int], numbers: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(numbers.get(start, 0) for start in starts)


def _minute(moment: int) -> int:
    return moment - moment % MINUTE_S


def _sum(totals: Sequence[Total], by: Callable[[Total], str]) -> dict[str, int]:
    """Return the numbers added up, the most frequent first."""
    added: dict[str, int] = {}
    for one in totals:
        added[by(one)] = added.get(by(one), 0) + one.number
    return dict(sorted(added.items(), key=lambda pair: (-pair[1], pair[0])))


async def _agents(work: Work, resets: Sequence[Total]) -> dict[str, int]:
    logins = await name_staff(work.connection, sorted({one.by_id for one in resets}))
    return _sum(resets, lambda one: logins.get(one.by_id, ""))


async def _ending(work: Work) -> Ending:
    found = await count_ending_subscriptions(work.connection, work.now, work.now + WEEKS * 7 * DAY_S)
    return Ending(found.get(-1, 0), tuple(found.get(week, 0) for week in range(WEEKS)))
