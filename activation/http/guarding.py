"""Around every request: its name, its limits, and one place where errors become problems and log lines."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import structlog
from aiohttp import web

from activation.http.state import SURROUNDINGS
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.problems import CONTENT_TYPE, SHAPES, encode_problem
from activation.messages.requests import FIELDS, MAX_BODY
from activation.messages.strict import MalformedError
from activation.messages.times import to_rfc3339
from activation.service import measures
from activation.service.desk import Caller
from activation.service.ids import new_trace_id

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TIMES: Final = frozenset({"since", "last_reset", "next_at", "license_ends_at", "drift_limit_until"})
TRACE_ID: Final = web.RequestKey("trace_id", str)
"""The request's name in logs and answers."""
_JSON: Final = "application/json"
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


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the request, run it, and answer whatever goes wrong as a problem."""
    request[TRACE_ID] = new_trace_id()
    try:
        response = await handler(request)
    except RefusedError as refused:
        response = problem(request, refused.refused)
    except MalformedError as wrong:
        detail = f"{wrong.field}: {wrong.detail}" if wrong.field else wrong.detail
        response = problem(
            request, Refused(Refusal.MALFORMED, "request", detail, facts={"field": wrong.field})
        )
    except web.HTTPException as error:
        response = problem(request, _of_http(error))
        if error.status == web.HTTPMethodNotAllowed.status_code:
            response.headers["Allow"] = error.headers.get("Allow", "")
    except ConnectionError:
        raise  # the client has gone
    except Exception:
        _log.exception("failed", trace_id=request[TRACE_ID], route=route_of(request))
        detail = "Something went wrong here. Try again; if it stays, quote the trace id."
        response = problem(request, Refused(Refusal.UNAVAILABLE, "fault", detail, facts={"retry_after_s": 5}))
    _count(route_of(request), response.status)
    return response


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Answer an Expect header: 100 Continue for the one that there is, a problem for any other (RFC 9110)."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None
    request[TRACE_ID] = new_trace_id()
    detail = "Expect takes 100-continue and nothing else."
    return problem(request, Refused(Refusal.MALFORMED, "request", detail, facts={"field": "Expect"}))


def caller_of(request: web.Request) -> Caller:
    """Return who calls. The address is worked out only for those who ask: few requests are limited."""
    return Caller(request[TRACE_ID], partial(address_of, request))


def address_of(request: web.Request) -> str:
    """Return the client's address, as far as the peer is trusted to tell it."""
    proxies = request.app[SURROUNDINGS].proxies
    return proxies.client_of(request.remote, request.headers.getall("X-Forwarded-For", ()))


async def read_json(request: web.Request) -> bytes:
    """Return the body of a JSON request, within 16 KiB and the deadline; refuse any other."""
    headers = request.headers
    if "Content-Encoding" in headers:
        raise refuse(Refusal.MEDIA_TYPE, "Send the body as it is, without a Content-Encoding.")
    if headers.get("Content-Type") != _JSON and request.content_type != _JSON:
        raise refuse(Refusal.MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
    if (request.content_length or 0) > MAX_BODY:
        raise refuse(Refusal.TOO_LARGE, f"The body may have at most {MAX_BODY} bytes.")
    if request.content.is_eof():  # it came with the head, as a softphone's does
        body = await request.read()
    else:
        body = await _read_in_time(request)
    if len(body) > MAX_BODY:
        raise refuse(Refusal.TOO_LARGE, f"The body may have at most {MAX_BODY} bytes.")
    return body


async def _read_in_time(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(request.app[SURROUNDINGS].body_timeout_s):
            return await request.read()
    except TimeoutError:
        raise refuse(Refusal.MALFORMED, "The body did not arrive in time.", field="") from None


def problem(request: web.Request, refused: Refused) -> web.Response:
    """Return a refusal as RFC 9457 problem, and log it in one line without anything personal."""
    code, facts = refused.code, _on_the_wire(refused.facts)
    retry_after = facts.pop("retry_after_s", None)
    trace_id = request[TRACE_ID]
    body = encode_problem(code, refused.detail, trace_id, facts)
    response = web.Response(body=body, status=SHAPES[code].status, content_type=CONTENT_TYPE)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if code is Refusal.CREDENTIALS:
        scheme = "Bearer" if request.path.startswith("/v1/staff/") else "Basic"
        response.headers["WWW-Authenticate"] = f'{scheme} realm="activation", charset="UTF-8"'
    _log.info(
        "refused",
        code=str(code),
        rule=refused.rule,
        route=route_of(request),
        status=response.status,
        trace_id=trace_id,
        **({"field": _without_inventions(str(facts["field"]))} if facts.get("field") else {}),
    )
    return response


def route_of(request: web.Request) -> str:
    """Return the route as it was written, without anybody's ids: `/v1/staff/licenses/{license_id}/resets`."""
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical}" if resource is not None else "unknown"


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


def _of_http(error: web.HTTPException) -> Refused:
    """Map what aiohttp itself raises."""
    if error.status == web.HTTPMethodNotAllowed.status_code:
        return Refused(Refusal.METHOD_NOT_ALLOWED, "request", "This address does not take that method.")
    if error.status == web.HTTPRequestEntityTooLarge.status_code:
        return Refused(Refusal.TOO_LARGE, "request", f"The body may have at most {MAX_BODY} bytes.")
    if error.status == web.HTTPNotFound.status_code:
        return Refused(Refusal.NOT_FOUND, "request", "There is nothing at this address.")
    return Refused(Refusal.MALFORMED, "request", "The request cannot be understood.", facts={"field": ""})


def _count(route: str, status: int) -> None:
    key = (route, status)
    counter = _counted.get(key)
    if counter is None:
        counter = _counted[key] = measures.REQUESTS.labels(route, str(status))
    counter.inc()
