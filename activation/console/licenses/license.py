"""A licence: how it stands in a sentence, its devices, what a reset would leave open, and its history."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from activation.console.licenses.resetting import ends_in, license_of
from activation.console.outcomes import Page
from activation.console.oversight.facts import Fact, facts_of
from activation.console.pages import PageRoute
from activation.console.saying import say_or
from activation.console.wording import explain
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.events import ROLE_NUMBERS, Actor, EventKind
from activation.licensing.identifiers import LICENSE, from_text, to_text
from activation.licensing.model import Hold
from activation.licensing.roles import Act, may
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.finding import Seen
from activation.service.licenses.timeline import Entry, see_timeline
from activation.service.resetting.previewing import Preview, preview
from activation.service.working import Work

MOST_DEVICES: Final = 10
_TIMES: Final = frozenset({"ends_at", "updates_until", "expires_at", "license_ends_at"})
_SAID: Final = frozenset({"reason", "reset_id"})
"""Details that are told in words of their own."""
_ROLES: Final = {number: role for role, number in ROLE_NUMBERS.items()}
_BAD_BEFORE: Final = "`before` is the event that the page before ended with."


@value
class Shown:
    """An entry of the timeline as it is shown: `kind` is "" for a note alone, `role` where there is none."""

    entry: Entry
    kind: str
    actor: str
    role: str
    reason: str
    facts: tuple[Fact, ...]


async def see(work: Work, call: Call) -> Page | Refused:
    """Show a licence as it stands, and its history: `?before=` an event, `?looks=1` with who looked at it."""
    license_id, before = license_of(call), _before(call)
    found = await preview(work, license_id)
    if isinstance(found, Refused):
        return found
    with_looks = call.query.get("looks") == "1"
    hidden = found.seen.hidden
    timeline = await see_timeline(work, license_id, before, with_looks=with_looks, hidden=hidden)
    own = f"/console/licenses/{to_text(LICENSE, license_id)}"
    happened = [_show(one) for one in timeline.entries]
    return Page(
        "licenses/license.html",
        "license.title",
        title_values={"license": to_text(LICENSE, license_id)},
        own=own,
        previewed=found,
        seen=found.seen,
        sentence=sentence_of(found.seen),
        holds=[(hold.name or "").lower() for hold in Hold if hold & found.seen.license.holds],
        devices=list(zip(found.seen.license.devices, found.seen.standings, strict=True))[:MOST_DEVICES],
        ends_in=ends_in(found.shown),
        refused=explain(found.reset_refused) if found.reset_refused is not None else None,
        zone=work.desk.week.zone.key,
        buttons=buttons_of(work, found, own),
        happened=happened,
        rules=_rules_of(timeline.entries),
        is_first=before is None,
        with_looks=with_looks,
        next_url=_next(own, timeline.next_before, with_looks=with_looks),
        sees_log=may(work.person.role, Act.SEE_AUDIT),
    )


def sentence_of(seen: Seen) -> str:
    """Return the name of the sentence that says how a licence stands."""
    if seen.state != "active":
        return seen.state
    if not seen.license.devices:
        return "free"
    return "used" if seen.license.device_limit == 1 else "shared"


def buttons_of(work: Work, found: Preview, own: str) -> list[tuple[str, str]]:
    """Return where one may go on from here, by name: what the role may and the licence's state allows."""
    role, is_over = work.person.role, found.seen.state == "revoked"
    pages = (
        ("reset", f"{own}/reset", may(role, Act.RESET) and found.reset_refused is None),
        ("standing", f"{own}/standing", may(role, Act.SUSPEND) and not is_over),
    )
    return [(name, path) for name, path, is_shown in pages if is_shown]


def _show(entry: Entry) -> Shown:
    details = {name: content for name, content in entry.details.items() if name not in _SAID}
    reason = entry.details.get("reason")
    return Shown(
        entry,
        _name_kind(entry.kind),
        _name_actor(entry.actor),
        str(_ROLES.get(entry.role or 0, "")),
        reason if isinstance(reason, str) else "",
        tuple(_fact(name, content) for name, content in details.items()),
    )


def _fact(name: str, content: Any) -> Fact:
    if name in _TIMES and isinstance(content, int):
        return Fact(name, "time", content)
    (fact,) = facts_of({name: content})
    return fact


def _name_kind(kind: int) -> str:
    return EventKind(kind).name.lower() if kind in _KINDS else str(kind) if kind else ""


def _name_actor(actor: int) -> str:
    return Actor(actor).name.lower() if actor in _ACTORS else str(actor)


def _rules_of(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Return the rules that the page names, each once, with what they say."""
    said = {rule: say_or(f"rules.{rule}", "") for rule in sorted({one.rule for one in entries})}
    return [(rule, words) for rule, words in said.items() if words]


def _before(call: Call) -> int | None:
    text = call.query.get("before")
    before = None if text is None else from_text("", text)
    if text is not None and before is None:
        raise refuse(Refusal.MALFORMED, _BAD_BEFORE, field="before")
    return before


def _next(own: str, before: int | None, *, with_looks: bool) -> str | None:
    if before is None:
        return None
    return f"{own}?before={to_text('', before)}{'&looks=1' if with_looks else ''}#history"


_KINDS: Final[Mapping[int, EventKind]] = {int(kind): kind for kind in EventKind}
_ACTORS: Final[Mapping[int, Actor]] = {int(actor): actor for actor in Actor}
ROUTES: Final = (PageRoute("/console/licenses/{license_id}", Act.SEE_LICENSES, see),)
