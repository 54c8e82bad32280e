"""Refusals by the trace id that a customer reads out, or by account: which rules were weighed, and why."""

from typing import Final
from urllib.parse import quote

from activation.console.outcomes import Page, SeeOther
from activation.console.oversight.facts import facts_of
from activation.console.pages import PageRoute
from activation.console.wording import Explanation, explain
from activation.http.calls import Call
from activation.licensing.roles import Act, may
from activation.licensing.traces import SEES, FactKind, read_trace_id
from activation.licensing.verdicts import Refusal, Refused
from activation.service.tracing.seeing import Trace, see_trace, see_traces_of
from activation.service.working import Work

PATH: Final = "/console/traces"
MOST_TYPED: Final = 254


async def see_all(work: Work, call: Call) -> Page | SeeOther:
    """Find a refusal by its trace id, or list those of an account, by its login or id."""
    typed = call.query.get("query", "").strip()[:MOST_TYPED]
    if "\x00" in typed:
        return _not_there(typed)
    found = await see_traces_of(work, typed) if typed else []
    trace_id = read_trace_id(typed)
    if isinstance(found, Refused) and trace_id is not None:
        return SeeOther(f"{PATH}/{quote(trace_id)}")
    if isinstance(found, Refused):
        return _not_there(typed)
    rows = [(one, _explained(one).title) for one in found]
    return Page("oversight/traces.html", "traces.title", typed=typed, rows=rows, is_there=True)


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show every rule that was weighed for a refusal, as far as the role may see (G6)."""
    seen = await see_trace(work, call.path["trace_id"])
    if isinstance(seen, Refused):
        return _not_there(call.path["trace_id"]) if seen.code is Refusal.NOT_FOUND else seen
    trace, role = seen.trace, work.person.role
    return Page(
        "oversight/trace.html",
        "traces.one_title",
        title_values={"id": trace.trace_id},
        trace=trace,
        told=_explained(trace),
        personal={field.name.lower(): text for field, text in seen.personal.items()},
        person_login=seen.person_login,
        weighed=[(one, facts_of(one["facts"])) for one in trace.weighed],
        is_hidden=FactKind.CONTACT not in SEES.get(role, frozenset()),
        sees_log=may(role, Act.SEE_AUDIT),
        is_known=trace.account_id is not None or trace.license_id is not None,
    )


def _not_there(typed: str) -> Page:
    """Return the page that says so, with what to do instead; what was typed stands there still."""
    return Page("oversight/traces.html", "traces.title", status=404, typed=typed, rows=[], is_there=False)


def _explained(trace: Trace) -> Explanation:
    return explain(Refused(Refusal(trace.code), trace.rule, ""))


ROUTES: Final = (
    PageRoute(PATH, Act.SEE_TRACES, see_all),
    PageRoute(f"{PATH}/{{trace_id}}", Act.SEE_TRACES, see_one),
)
