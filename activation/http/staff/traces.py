"""Traces of refusals, for the licensor's staff: by the id that was read out on the phone, or by account."""

from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.roles import Act
from activation.licensing.traces import TIMES
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.answers import Told
from activation.messages.problems import SHAPES
from activation.messages.times import to_rfc3339
from activation.service.tracing.seeing import SeenTrace, Trace, see_trace, see_traces_of
from activation.service.working import Work

_WHOSE: Final = "Name the account: ?account=LOGIN."


async def get_trace(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell every rule that was weighed for a refusal, as far as the role may see (G6)."""
    seen = await see_trace(work, call.path["trace_id"])
    return seen if isinstance(seen, Refused) else tell_trace(seen)


async def get_traces(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List an account's refusals, the newest 200: `?account=` its login or its id."""
    login = call.query.get("account", "")
    if not login.strip():
        raise refuse(Refusal.MALFORMED, _WHOSE, field="account")
    traces = await see_traces_of(work, login)
    return traces if isinstance(traces, Refused) else {"traces": [tell_outline(one) for one in traces]}


def tell_trace(seen: SeenTrace) -> dict[str, Any]:
    """Tell one trace, with what the reader may know of whom it concerns."""
    personal = {field.name.lower(): text for field, text in seen.personal.items()}
    return {
        **tell_outline(seen.trace),
        "person": seen.person_login,
        **personal,
        "weighed": [{**one, "facts": _tell_facts(one["facts"])} for one in seen.trace.weighed],
    }


def tell_outline(trace: Trace) -> dict[str, Any]:
    """Tell a refusal in a line: when, where, by which rule."""
    return {
        "trace_id": trace.trace_id,
        "refused_at": to_rfc3339(trace.refused_at),
        "route": trace.route,
        "code": trace.code,
        "title": SHAPES[Refusal(trace.code)].title,
        "rule": trace.rule,
        "account_id": to_text(ACCOUNT, trace.account_id) if trace.account_id is not None else None,
        "license_id": to_text(LICENSE, trace.license_id) if trace.license_id is not None else None,
    }


def _tell_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Write times as the wire has them, whatever they stand in."""
    return {name: _tell_fact(name, fact) for name, fact in facts.items()}


def _tell_fact(name: str, fact: Any) -> Any:
    if isinstance(fact, dict):
        return _tell_facts(fact)
    if isinstance(fact, list):
        return [_tell_fact(name, one) for one in fact]
    return to_rfc3339(fact) if name in TIMES and isinstance(fact, int) else fact


ROUTES: Final = (
    ActRoute("GET", "/v1/staff/traces", Act.SEE_TRACES, get_traces),
    ActRoute("GET", "/v1/staff/traces/{trace_id}", Act.SEE_TRACES, get_trace),
)
