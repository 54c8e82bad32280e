"""Turning away under overload (`admitting`), before anything is parsed: it must cost next to nothing.

Served and refused share the processor, and at three times the load that can be served two of three are
refused.
"""

import re
import time
from collections.abc import Iterable
from typing import Final

import structlog

from activation.http.calls import Call, Endpoint, Reply
from activation.http.guarding import RefusedError, count
from activation.http.wire.admitting import Admission
from activation.messages.problems import CONTENT_TYPE, SHAPES, encode_problem
from activation.service.ids import new_trace_id
from activation.service.not_now import overloaded

_framing = re.compile(
    rb"\r\n(content-length|transfer-encoding|connection|upgrade|expect):([^\r]*)", re.IGNORECASE
)
_EVERY_S: Final = 1.0
_log = structlog.get_logger("activation.http")


class Shedding:
    """Turns requests for some addresses away while one more would wait too long; tells the log how many."""

    def __init__(self, admission: Admission, endpoints: Iterable[tuple[str, str]]) -> None:
        self.admission = admission
        self._heads = tuple(f"{method} {path} HTTP/1.1\r\n".encode() for method, path in endpoints)
        self._turned_away = 0
        self._told_at = 0.0

    def turn_away(self, data: bytes) -> Reply | None:
        """Return the refusal of a request that is this data and nothing else; None lets it go its way."""
        if not data.startswith(self._heads) or not self.admission.refuses() or not is_whole(data):
            return None
        refused = overloaded()
        status = SHAPES[refused.code].status
        count(data[: data.index(b" HTTP/1.1")].decode("ascii"), status)
        self._tell()
        headers = {"Retry-After": str(refused.facts["retry_after_s"])}
        body = encode_problem(refused.code, refused.detail, new_trace_id(), {})
        return Reply(status, body, CONTENT_TYPE, headers)

    def around(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that is asked only by those who are let in: for requests that came in pieces."""

        async def admitted(call: Call) -> Reply:
            if self.admission.refuses():
                raise RefusedError(overloaded())
            self.admission.begin()
            try:
                return await endpoint(call)
            finally:
                self.admission.end()

        return admitted

    def _tell(self) -> None:
        """Log how many were turned away, once a second: a line for each would cost more than they do."""
        self._turned_away += 1
        now = time.monotonic()
        if now - self._told_at >= _EVERY_S:
            _log.warning("overloaded", turned_away=self._turned_away)
            self._told_at, self._turned_away = now, 0


def is_whole(data: bytes) -> bool:
    """Tell whether this is one request from head to end, framed in the plainest way (RFC 9112, 6)."""
    head_ends = data.find(b"\r\n\r\n")
    framing = _framing.findall(data, 0, head_ends + 2)
    if head_ends < 0 or len(framing) != 1 or framing[0][0].lower() != b"content-length":
        return False
    if data.count(b"\n", 0, head_ends) != data.count(b"\r\n", 0, head_ends):
        return False
    length: bytes = framing[0][1].strip()
    return length.isdigit() and len(length) <= 5 and len(data) == head_ends + 4 + int(length)
