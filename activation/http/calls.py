"""A request and its answer as the endpoints see them: values, whoever read the one and writes the other."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from activation.http.surroundings import Surroundings
from activation.service.desk import Caller, Desk
from activation.service.ids import new_trace_id

JSON: Final = "application/json"
TEXT: Final = "text/plain"
SERVER: Final = "activation"
"""What the server calls itself; aiohttp would name versions."""


@dataclass(slots=True)
class Call:
    """One request. `route` is its method and its path as it was written, without anybody's ids.

    `body` is None while it is still arriving; `late` waits for it, up to so many bytes.
    """

    desk: Desk
    surroundings: Surroundings
    route: str
    headers: "CIMultiDictProxy[str] | CIMultiDict[str]" = field(repr=False)
    remote: str | None = field(repr=False)
    body: bytes | None = field(default=b"", repr=False)
    late: Callable[[int], Awaitable[bytes]] | None = field(default=None, repr=False)
    path: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    trace_id: str = field(default_factory=new_trace_id)

    def address(self) -> str:
        """Return the client's address, as far as the peer is trusted to tell it."""
        forwarded = self.headers.getall("X-Forwarded-For", ())
        return self.surroundings.proxies.client_of(self.remote, forwarded)

    def caller(self) -> Caller:
        """Return who calls. The address is worked out only for those who ask: few requests are limited."""
        return Caller(self.trace_id, self.address)


@dataclass(slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


Endpoint = Callable[[Call], Awaitable[Reply]]
