"""R4-R6: what staff would do to a licence just now, weighed before anybody confirms it."""

from activation.licensing.attempts import By, Reset
from activation.licensing.deciding import decide
from activation.licensing.model import Holding
from activation.licensing.overriding import Bounds, Override, OverrideKind
from activation.licensing.replacing import decide_replacement
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.finding import Seen, see_license
from activation.service.resetting.exposure import Shown, show_exposure
from activation.service.resetting.overrides import NO_LICENSE
from activation.service.working import Work
from activation.storage.reading import Ask, read_holdings


@value
class Preview:
    """A licence, its figures (R6), and what a reset or a replacement would meet.

    `reset_refused` and `replacement_refused` are what a rule says against each, None where nothing does.
    `bound` is the bound of R5 that the next reset is past, "" for none; `bounds` are their heights.
    """

    seen: Seen
    shown: Shown
    reset_refused: Refused | None
    replacement_refused: Refused | None
    bound: str
    bounds: Bounds


async def preview(work: Work, license_id: int) -> Preview | Refused:
    """Return what would become of a reset, and of a replacement, and change nothing. It is a look (G6)."""
    seen = await see_license(work, license_id)
    if isinstance(seen, Refused):
        return seen
    facts = await read_holdings(work.connection, [Ask(license_id=license_id)], work.desk.clock.shift_s)
    holding = facts.holdings[0]
    if holding is None or license_id not in holding.licenses:
        return Refused(Refusal.NOT_FOUND, "R6", NO_LICENSE)
    await work.look([license_id], ("devices",))
    shown = await show_exposure(work, holding, license_id, facts.now)
    return Preview(
        seen,
        shown,
        _weigh_reset(work, holding, license_id, facts.now),
        _weigh_replacement(work, holding, license_id, facts.now),
        _reached(shown.left),
        work.desk.bounds,
    )


def _weigh_reset(work: Work, holding: Holding, license_id: int, now: int) -> Refused | None:
    attempt = Reset(By.STAFF, license_id, 0, staff_id=work.person.person_id)
    verdict = decide(attempt, holding, now, work.desk.week)
    return verdict if isinstance(verdict, Refused) else None


def _weigh_replacement(work: Work, holding: Holding, license_id: int, now: int) -> Refused | None:
    wanted = Override(0, license_id, OverrideKind.REPLACEMENT, work.person.person_id, "", "", now)
    verdict = decide_replacement(wanted, holding, now)
    return verdict if isinstance(verdict, Refused) else None


def _reached(left: Bounds) -> str:
    if not left.license_month:
        return "license_month"
    return "" if left.agent_day else "agent_day"
