"""One connection, where we want it otherwise than aiohttp: what is no HTTP gets a problem too, and a request
whose body is still arriving when the server stops is taken to its end.

This leans on aiohttp's inner names; tests/acceptance holds both behaviours.
"""

import structlog
from aiohttp import web

from activation.http.calls import SERVER
from activation.http.wire.direct import DIRECT_WAY, DirectConnection
from activation.licensing.verdicts import Refusal
from activation.messages.problems import CONTENT_TYPE, SHAPES, encode_problem
from activation.service import measures
from activation.service.ids import new_trace_id

_log = structlog.get_logger("activation.http")
_UNREADABLE = "This is not HTTP we can read."
_FAULT = "Something went wrong here. Try again; if it stays, quote the trace id."


class Connection(DirectConnection):
    """aiohttp's connection with our answers to what never becomes a request."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """Take what arrives; also, while stopping, the rest of the request that is being read."""
        closing = self._close, self._force_close
        if any(closing) and self._request_in_progress:
            self._close = self._force_close = False
            super().data_received(data)
            self._close, self._force_close = closing
        else:
            super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request, or a fault beyond our own guard, as a problem; then close."""
        del request, message  # both may quote what was sent
        is_theirs = status < 500
        code = Refusal.MALFORMED if is_theirs else Refusal.UNAVAILABLE
        trace_id = new_trace_id()
        facts = {"field": ""} if is_theirs else {}
        body = encode_problem(code, _UNREADABLE if is_theirs else _FAULT, trace_id, facts)
        response = web.Response(body=body, status=SHAPES[code].status, content_type=CONTENT_TYPE)
        if not is_theirs:
            response.headers["Retry-After"] = "5"
        response.headers["Server"] = SERVER
        response.force_close()
        error = type(exc).__name__ if exc is not None else ""
        _log.info(
            "refused", code=str(code), rule="http", status=response.status, trace_id=trace_id, error=error
        )
        measures.REQUESTS.labels("unknown", str(response.status)).inc()
        return response


class _Server(web.Server):
    """aiohttp's server, making our connections."""

    def __init__(self, application: web.Application, made: web.Server) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory, **made._kwargs)
        self._application = application

    def __call__(self) -> Connection:
        return Connection(self, self._application.get(DIRECT_WAY), loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """aiohttp's runner, making our server."""

    async def _make_server(self) -> web.Server:
        return _Server(self.app, await super()._make_server())
