"""Between aiohttp and the endpoints: its request into a call, the reply into its response."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import hdrs, web
from multidict import CIMultiDict

from activation.http.calls import SERVER, Call, Endpoint, Reply
from activation.http.guarding import answer, count, problem, refuse
from activation.http.surroundings import DESK, SURROUNDINGS
from activation.licensing.verdicts import Refusal, Refused

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler_of(endpoint: Endpoint) -> Handler:
    """Return aiohttp's handler for an endpoint."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return _response(await answer(_call_of(request), endpoint))

    return handle


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what aiohttp itself refuses, an address or a method that is not there, as a problem."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        call = _call_of(request)
        reply = problem(call, _of_http(error))
        count(call.route, reply.status)
        response = _response(reply)
        if error.status == web.HTTPMethodNotAllowed.status_code:
            response.headers[hdrs.ALLOW] = error.headers.get(hdrs.ALLOW, "")
        return response


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Answer an Expect header: 100 Continue for the one that there is, a problem for any other (RFC 9110)."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return None
    detail = "Expect takes 100-continue and nothing else."
    refused = Refused(Refusal.MALFORMED, "request", detail, facts={"field": "Expect"})
    return _response(problem(_call_of(request), refused))


def _call_of(request: web.Request) -> Call:
    resource = request.match_info.route.resource
    has_body = request.body_exists
    return Call(
        request.app[DESK],
        request.app[SURROUNDINGS],
        f"{request.method} {resource.canonical}" if resource is not None else "unknown",
        request.headers,
        request.remote,
        None if has_body else b"",
        partial(_read_in_time, request) if has_body else None,
        request.match_info,
        request.query,
    )


async def _read_in_time(request: web.Request, limit: int) -> bytes:
    try:
        async with asyncio.timeout(request.app[SURROUNDINGS].body_timeout_s):
            # The application's own limit is that of most routes; a few allow more.
            return await request.clone(client_max_size=limit).read()
    except TimeoutError:
        raise refuse(Refusal.MALFORMED, "The body did not arrive in time.", field="") from None
    except web.HTTPRequestEntityTooLarge:
        raise refuse(Refusal.TOO_LARGE, f"The body may have at most {limit} bytes.") from None


def _response(reply: Reply) -> web.Response:
    headers = CIMultiDict({hdrs.CONTENT_TYPE: reply.content_type, hdrs.SERVER: SERVER})
    headers.extend(reply.headers)  # a reply may set two cookies
    return web.Response(body=reply.body, status=reply.status, headers=headers)


def _of_http(error: web.HTTPException) -> Refused:
    if error.status == web.HTTPMethodNotAllowed.status_code:
        return Refused(Refusal.METHOD_NOT_ALLOWED, "request", "This address does not take that method.")
    if error.status == web.HTTPNotFound.status_code:
        return Refused(Refusal.NOT_FOUND, "request", "There is nothing at this address.")
    return Refused(Refusal.MALFORMED, "request", "The request cannot be understood.", facts={"field": ""})
