"""Around every endpoint: one place where errors become problems, log lines and counts."""

import re
from dataclasses import replace
from typing import Any, Final

import structlog

from activation.http.calls import Call, Endpoint, Reply
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.problems import CONTENT_TYPE, SHAPES, encode_problem
from activation.messages.requests import FIELDS
from activation.messages.strict import MalformedError
from activation.messages.times import to_rfc3339
from activation.service import measures
from activation.service.certifying.linting import UnsignableError

_TIMES: Final = frozenset(
    {
        "since",
        "last_reset",
        "next_at",
        "license_ends_at",
        "drift_limit_until",
        "updates_until",
        "released_at",
    }
)
_FAULT: Final = "Something went wrong here. Try again; if it stays, quote the trace id."
_UNSIGNED: Final = (
    "No certificate can be signed for this device now. Try again; if it stays, quote the trace id."
)
_BEARERS: Final = re.compile(" /v1/(staff|reseller|self)/")
_BROWSERS: Final = ("Cookie", "Origin", "Sec-Fetch-Mode")
"""What browsers send and programs do not (Fetch Metadata)."""
_log = structlog.get_logger("activation.http")
_counted: dict[tuple[str, int], Any] = {}


class RefusedError(Exception):
    """A refusal that is found before any use case is asked."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.refused = refused


def refuse(code: Refusal, detail: str, **facts: object) -> RefusedError:
    """Return the error that answers with this refusal."""
    return RefusedError(Refused(code, "request", detail, facts=facts))


async def answer(call: Call, endpoint: Endpoint) -> Reply:
    """Run the endpoint, and answer whatever goes wrong as a problem. Raises ConnectionError only."""
    try:
        reply = await endpoint(call)
    except RefusedError as refused:
        reply = problem(call, refused.refused)
    except MalformedError as wrong:
        detail = f"{wrong.field}: {wrong.detail}" if wrong.field else wrong.detail
        reply = problem(call, Refused(Refusal.MALFORMED, "request", detail, facts={"field": wrong.field}))
    except ConnectionError:
        raise  # the client has gone
    except UnsignableError as wrong:
        _log.error("certificate not signed", check=wrong.check, trace_id=call.trace_id, route=call.route)
        reply = problem(call, Refused(Refusal.UNAVAILABLE, "lint", _UNSIGNED, facts={"retry_after_s": 5}))
    except Exception:
        _log.exception("failed", trace_id=call.trace_id, route=call.route)
        reply = problem(call, Refused(Refusal.UNAVAILABLE, "fault", _FAULT, facts={"retry_after_s": 5}))
    count(call.route, reply.status)
    return reply


def problem(call: Call, refused: Refused) -> Reply:
    """Return a refusal as RFC 9457 problem; log it in a line with nothing personal, and keep its trace."""
    code, facts = refused.code, _on_the_wire(refused.facts)
    retry_after = facts.pop("retry_after_s", None)
    status = SHAPES[code].status
    headers = {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if code is Refusal.CREDENTIALS:
        # A browser asked for Basic would ask its user by itself, past our own pages, and go on sending it.
        is_browser = any(name in call.headers for name in _BROWSERS)
        is_basic = not _BEARERS.search(call.route) and not is_browser
        scheme = "Basic" if is_basic else "Bearer"
        headers["WWW-Authenticate"] = f'{scheme} realm="activation", charset="UTF-8"'
    told = {"field": _without_inventions(str(facts["field"]))} if facts.get("field") else {}
    _log.info(
        "refused",
        code=str(code),
        rule=refused.rule,
        route=call.route,
        status=status,
        trace_id=call.trace_id,
        **told,
    )
    kept = replace(refused, facts={**refused.facts, **told}) if told else refused
    call.desk.tally.note(code, call.desk.clock.shift_s)
    call.desk.traces.note(call.trace_id, call.route, kept, call.desk.clock.shift_s)
    return Reply(status, encode_problem(code, refused.detail, call.trace_id, facts), CONTENT_TYPE, headers)


def count(route: str, status: int) -> None:
    """Count an answer."""
    key = (route, status)
    counter = _counted.get(key)
    if counter is None:
        counter = _counted[key] = measures.REQUESTS.labels(route, str(status))
    counter.inc()


def _without_inventions(field: str) -> str:
    """Return a field's path for the log: a name that the caller made up might be anything, a serial even."""
    return ".".join(part if part in FIELDS else "?" for part in field.split("."))


def _on_the_wire(facts: dict[str, object]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            written[name] = _on_the_wire(value)
        elif name in _TIMES and isinstance(value, int):
            written[name] = to_rfc3339(value)
        else:
            written[name] = value
    return written
