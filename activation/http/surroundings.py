"""What the application carries for its endpoints beside the desk, under typed keys."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from activation.http.wire.addresses import Network, TrustedProxies
from activation.service.desk import Desk


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Whose word on addresses counts, who may read /metrics, how to tell readiness; the shop's key."""

    proxies: TrustedProxies
    metrics_readers: tuple[Network, ...]
    not_ready: Callable[[], Awaitable[str]]
    body_timeout_s: float = 10.0
    longest_wait_s: float = 0.12
    """Under lasting overload, how long one who is let in may have to wait."""
    shop_secret: bytes | None = field(default=None, repr=False)


DESK: Final = web.AppKey("desk", Desk)
SURROUNDINGS: Final = web.AppKey("surroundings", Surroundings)
