"""Endpoints for people who are signed in: staff under /v1/staff, resellers' users under /v1/reseller, end
users under /v1/me.

Each names the act it is, so that a route without a role cannot be written. Every POST takes an
Idempotency-Key.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from activation.http.answering import respond
from activation.http.bodies import read_json, read_text
from activation.http.calls import Call, Endpoint, Reply
from activation.http.credentials import shown_by
from activation.http.guarding import problem, refuse
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.messages.answers import Told
from activation.messages.requests import MAX_BODY
from activation.service.acting import Answer, Wanted, act, concerning
from activation.service.working import Work

KEY_LENGTH: Final = 255
_BAD_KEY: Final = f"An Idempotency-Key has 1 to {KEY_LENGTH} printable ASCII characters."
Do = Callable[[Work, Call, bytes], Awaitable[Told | Reply | Filed | Refused]]
"""A use case behind an address: gets the work, the call (path, query) and the body; answers a message, or a
reply of its own where that is no JSON."""


@value
class ActRoute:
    """A route for people who are signed in."""

    method: str
    path: str
    act: Act
    do: Do
    status: int = 200
    max_body: int = MAX_BODY
    bodiless: bool = False
    takes: type[msgspec.Struct] | None = None
    """The message its body is, for the API's description."""
    takes_text: bool = False
    """Whether its body is a file's text instead of JSON, and so is its answer."""

    def endpoint(self) -> Endpoint:
        """Return what answers it."""

        async def answer(call: Call) -> Reply:
            body = await self._read(call)
            asked = f"{call.route} {sorted(call.path.items())} {sorted(call.query.items())} "
            request = asked.encode() + body
            wanted = Wanted(shown_by(call), self.act, _key_of(call), request, self.method == "GET")

            async def run(work: Work) -> Answer | Refused:
                told = await self.do(work, call, body)
                if isinstance(told, Refused):
                    return told
                if isinstance(told, Filed):
                    return _answer(problem(call, concerning(work.person, told.refused)))
                return _answer(told if isinstance(told, Reply) else respond(told, self.status))

            done = await act(
                call.desk, call.caller(), wanted, run, lambda refused: _answer(problem(call, refused))
            )
            return Reply(done.status, done.body, done.content_type, done.headers)

        return answer

    async def _read(self, call: Call) -> bytes:
        if self.method != "POST" or (self.bodiless and not _has_body(call)):
            return b""
        return await (read_text if self.takes_text else read_json)(call, self.max_body)


def _has_body(call: Call) -> bool:
    return call.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in call.headers


def _answer(reply: Reply) -> Answer:
    return Answer(reply.status, reply.content_type, reply.body, reply.headers)


def _key_of(call: Call) -> str | None:
    key = call.headers.get("Idempotency-Key")
    if key is None or call.route.startswith("GET"):
        return None
    if not 0 < len(key) <= KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise refuse(Refusal.MALFORMED, _BAD_KEY, field="Idempotency-Key")
    return key
