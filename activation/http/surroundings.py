"""What the application carries for its endpoints beside the desk, under typed keys."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from activation.http.addresses import Network, TrustedProxies
from activation.service.desk import Desk


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Who is believed about addresses, who may read /metrics, and how to tell that all is ready."""

    proxies: TrustedProxies
    metrics_readers: tuple[Network, ...]
    not_ready: Callable[[], Awaitable[str]]
    body_timeout_s: float = 10.0


DESK: Final = web.AppKey("desk", Desk)
SURROUNDINGS: Final = web.AppKey("surroundings", Surroundings)
