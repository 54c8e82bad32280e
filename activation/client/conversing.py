"""Talking to the server: temporary errors (no connection, 3xx, 429, 503, other 5xx) are tried again with
growing pauses, a refusal is final and never repeated. Redirects are not followed."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import aiohttp
import msgspec
import stamina

from activation.messages.problems import CONTENT_TYPE

TIMEOUT: Final = aiohttp.ClientTimeout(total=15)
GET_TIMEOUT: Final = aiohttp.ClientTimeout(total=600, connect=5, sock_connect=5, sock_read=5)
"""A list of revocations may take its time on a slow line, but must go on coming."""
MAX_BYTES: Final = 12 * 1024 * 1024
"""How long an answer may be: a full list of revocations and what is around it."""
GIVE_UP_S: Final = 60.0
_UNKNOWN: Final = {
    "code": "unknown",
    "detail": "The server answered in a way that this program does not know.",
}


class ServerRefusedError(Exception):
    """The server said no; `problem` is its RFC 9457 answer."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail", "")))
        self.problem = problem
        self.code = str(problem.get("code", "unknown"))


class ServerAwayError(Exception):
    """The server could not be reached, or asked to come back later, for as long as was waited."""

    def __init__(self, text: str, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is no refusal."""

    status: int
    body: bytes
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address, and for how long to try again when it is away."""

    url: str
    patience_s: float = GIVE_UP_S

    async def post(self, path: str, message: Any, basic: tuple[str, str] | None = None) -> Reply:
        """Send a message. Raises ServerRefusedError and ServerAwayError."""
        body = msgspec.json.encode(message)
        headers = {"Content-Type": "application/json"}
        if basic is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(*basic, "utf-8")
        return await self._patiently("POST", path, body, headers)

    async def get(self, path: str, etag: str = "") -> Reply:
        """Ask once for what is good to have, unless it is still what `etag` names (then the status is 304).

        Raises ServerRefusedError and ServerAwayError.
        """
        return await self._once("GET", path, None, {"If-None-Match": etag} if etag else {}, GET_TIMEOUT)

    async def _patiently(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        deadline = time.monotonic() + self.patience_s
        async for attempt in stamina.retry_context(
            on=partial(_pause_before, deadline),
            attempts=None,
            timeout=self.patience_s,
            wait_initial=0.2,
            wait_max=10.0,
        ):
            with attempt:
                return await self._once(method, path, body, headers)
        raise AssertionError("stamina ends with a return or an error")  # pragma: no cover

    async def _once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        limits: aiohttp.ClientTimeout = TIMEOUT,
    ) -> Reply:
        try:
            async with (
                aiohttp.ClientSession(timeout=limits) as session,
                session.request(
                    method, f"{self.url}{path}", data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                reply = Reply(response.status, await _read(response), response.headers.get("ETag", ""))
                wait = response.headers.get("Retry-After", "")
                is_problem = response.content_type == CONTENT_TYPE
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            raise ServerAwayError(f"No answer from {self.url} ({type(away).__name__}).") from away
        if reply.status in (429, 503) or reply.status >= 500:
            waited = float(wait) if wait.isdigit() else None
            raise ServerAwayError("The server asks to come back later.", waited)
        if reply.status >= 400:
            raise ServerRefusedError(_read_problem(reply.body) if is_problem else _UNKNOWN)
        if reply.status >= 300 and reply.status != 304:
            raise ServerAwayError(f"{self.url} sends elsewhere ({reply.status}), which is not followed.")
        return reply


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BYTES:
            raise ServerAwayError("The answer is longer than any of the licence server's.")
    return bytes(body)


def _read_problem(body: bytes) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _UNKNOWN


def _pause_before(deadline: float, error: Exception) -> bool | dt.timedelta:
    """Tell stamina whether to try again, and after which pause if the server asked for one."""
    if not isinstance(error, ServerAwayError):
        return False
    if error.retry_after_s is None:
        return True
    is_in_time = time.monotonic() + error.retry_after_s < deadline
    return dt.timedelta(seconds=error.retry_after_s) if is_in_time else False
