"""Alive, ready, measured."""

import os
from ipaddress import ip_address

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from activation.http.addresses import is_loopback
from activation.http.answering import respond
from activation.http.guarding import address_of, refuse
from activation.http.state import DESK, SURROUNDINGS
from activation.licensing.verdicts import Refusal
from activation.service import measures


async def get_healthz(_request: web.Request) -> web.Response:
    """`GET /healthz`: this process answers."""
    return respond({"status": "alive"})


async def get_readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: it can serve, or 503 with what is missing."""
    missing = await request.app[SURROUNDINGS].not_ready()
    if missing:
        raise refuse(Refusal.UNAVAILABLE, f"Not ready: {missing}.", retry_after_s=5)
    return respond({"status": "ready"})


async def get_metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: of all workers together; for loopback and named addresses only."""
    address = address_of(request)
    readers = request.app[SURROUNDINGS].metrics_readers
    if not is_loopback(address) and not any(ip_address(address) in network for network in readers):
        raise refuse(Refusal.FORBIDDEN, "Metrics are for the operator's addresses only.")
    desk = request.app[DESK]
    measures.QUEUED.set(desk.batcher.queued)
    measures.POOL.labels("open").set(desk.pool.get_size())
    measures.POOL.labels("idle").set(desk.pool.get_idle_size())
    return web.Response(body=generate_latest(_registry()), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _registry() -> CollectorRegistry:
    # Several workers write their figures to files in this folder; prometheus_client itself reads this name.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
