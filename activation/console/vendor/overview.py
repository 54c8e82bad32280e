"""The overview in pictures: the last hour by minute, the last year by day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from activation.console.charts import Bars, Lines, Ranking, bars, lines, ranking, smooth
from activation.console.outcomes import Page
from activation.console.pages import PageRoute
from activation.console.saying import say, say_or
from activation.console.viewing import zone_of
from activation.http.calls import Call
from activation.licensing.events import EventKind
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.service.overview.counting import BINDINGS
from activation.service.overview.seeing import Overview, Picture, see_hour, see_year
from activation.service.working import Work

HOUR: Final = "/console/overview"
YEAR: Final = "/console/overview/year"
_WEEK: Final = 7
_MOST_LINES: Final = 4
_MOST_BARS: Final = 8
_OWN_RESETS: Final = (EventKind.RESET, EventKind.RELEASED)


@value
class Axis:
    """What stands below pictures: a label for each point, and the row of the table beside that it is in.

    `mean_of`: of how many points the mean is shown where single ones would be too restless.
    """

    labels: Sequence[str]
    rows: Sequence[str]
    mean_of: int = 1


async def show_hour(work: Work, call: Call) -> Page:
    """Show the last hour by minute, in the viewer's zone."""
    seen = await see_hour(work)
    zone = zone_of(call)
    minutes = [f"{datetime.fromtimestamp(at, zone or UTC):%H:%M}" for at in seen.picture.starts]
    return _page(seen, Axis(minutes, minutes), work, is_hour=True)


async def show_year(work: Work, _call: Call) -> Page:
    """Show the last year by the vendor's days."""
    seen = await see_year(work)
    zone = work.desk.week.zone
    days = [_day(at, zone) for at in seen.picture.starts]
    months = [_month(at, zone) for at in seen.picture.starts]
    return _page(seen, Axis(days, months, _WEEK), work, is_hour=False)


def _page(seen: Overview, axis: Axis, work: Work, *, is_hour: bool) -> Page:
    return Page(
        "vendor/overview.html",
        "overview.title",
        hour_path=HOUR,
        year_path=YEAR,
        is_hour=is_hour,
        seen=seen,
        figures=_figures(seen.picture),
        activity=_activity(seen.picture, axis),
        refusal_lines=_refusal_lines(seen.picture, axis),
        refusal_bars=_ranked(_refused(seen.picture)),
        reset_bars=_ranked({_reason(reason): number for reason, number in seen.resets.items()}),
        agent_bars=None if seen.agents is None else _ranked(_agents(seen.agents)),
        load=lines(axis.labels, [(say("overview.load"), seen.load)], axis.rows, max),
        ending=None if seen.ending is None else _ending(seen.ending.weeks, work),
        zone=work.desk.week.zone.key,
        now=work.now,
    )


def _figures(picture: Picture) -> dict[str, int]:
    return {
        "bound": sum(picture.of(*BINDINGS)),
        "refused": sum(sum(numbers) for _, numbers in picture.refusals()),
        "freed": sum(picture.of(*_OWN_RESETS)),
        "freed_by_staff": sum(picture.of(EventKind.AGENT_RESET)),
        "forked": sum(picture.of(EventKind.DEVICE_FORKED)),
    }


def _activity(picture: Picture, axis: Axis) -> Lines:
    return lines(
        axis.labels,
        [
            (say("overview.activated"), picture.of(EventKind.ACTIVATED, EventKind.TEST_REBOUND)),
            (say("overview.moved"), picture.of(EventKind.MOVED)),
            (say("overview.freed"), picture.of(*_OWN_RESETS)),
            (say("overview.freed_by_staff"), picture.of(EventKind.AGENT_RESET)),
        ],
        axis.rows,
    )


def _refusal_lines(picture: Picture, axis: Axis) -> Lines | None:
    """Return the most frequent refusals; by day as means of a week, for weekends hide what changes."""
    found = picture.refusals()[:_MOST_LINES]
    if axis.mean_of == 1:
        series = [(_refusal(code), numbers) for code, numbers in found]
        return lines(axis.labels, series, axis.rows) if found else None
    smoothed = [(_refusal(code), smooth(numbers, axis.mean_of)) for code, numbers in found]
    return lines(axis.labels, smoothed, axis.rows, _mean) if found else None


def _mean(numbers: Sequence[float]) -> float:
    return round(sum(numbers) / len(numbers), 1)


def _refused(picture: Picture) -> dict[str, int]:
    return {_refusal(code): sum(numbers) for code, numbers in picture.refusals()}


def _ranked(numbers: Mapping[str, int]) -> Ranking | None:
    """Return a bar for each, the rest together in the last; None where there is nothing."""
    rows = list(numbers.items())
    rest = sum(number for _, number in rows[_MOST_BARS:])
    shown = [*rows[:_MOST_BARS], *([(say("overview.rest"), rest)] if rest else [])]
    return ranking(shown) if rows else None


def _refusal(code: str) -> str:
    return say_or(f"refusal.{code}.title", code)


def _reason(reason: str) -> str:
    return say_or(f"reasons.{reason}", reason)


def _agents(numbers: Mapping[str, int]) -> dict[str, int]:
    return {login or say("overview.gone"): number for login, number in numbers.items()}


def _ending(weeks: Sequence[int], work: Work) -> Bars | None:
    zone = work.desk.week.zone
    rows = [(_day(work.now + at * 7 * 86_400, zone), number) for at, number in enumerate(weeks)]
    return bars(rows) if any(weeks) else None


def _month(moment: int, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(moment, zone)
    return say("overview.month", month=say("time.months").split()[local.month - 1], year=local.year)


def _day(moment: int, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(moment, zone)
    return say("overview.day", day=local.day, month=say("time.months").split()[local.month - 1])


ROUTES: Final = (
    PageRoute(HOUR, Act.SEE_LICENSES, show_hour),
    PageRoute(YEAR, Act.SEE_LICENSES, show_year),
)
