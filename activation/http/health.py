"""Alive, ready, measured."""

import os
import time
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from activation.http.answering import respond
from activation.http.calls import Call, Reply
from activation.http.guarding import refuse
from activation.http.wire.addresses import is_loopback
from activation.licensing.verdicts import Refusal
from activation.service import measures
from activation.service.certifying.key_watching import ending_soon


async def get_healthz(_call: Call) -> Reply:
    """`GET /healthz`: tell that this process answers."""
    return respond({"status": "alive"})


async def get_readyz(call: Call) -> Reply:
    """`GET /readyz`: tell that it can serve, or 503 with what is missing."""
    missing = await call.surroundings.not_ready()
    if missing:
        raise refuse(Refusal.UNAVAILABLE, f"Not ready: {missing}.", retry_after_s=5)
    # Nothing to keep a server out of its balancer for, but somebody should read it.
    warnings = ending_soon(call.desk.maker.ring, int(time.time()))
    return respond({"status": "ready", "warnings": warnings} if warnings else {"status": "ready"})


async def get_metrics(call: Call) -> Reply:
    """`GET /metrics`: figures of all workers together; for loopback and named addresses only."""
    address = call.address()
    readers = call.surroundings.metrics_readers
    if not is_loopback(address) and not any(ip_address(address) in network for network in readers):
        raise refuse(Refusal.FORBIDDEN, "Metrics are for the operator's addresses only.")
    desk = call.desk
    measures.QUEUED.set(desk.batcher.queued)
    measures.POOL.labels("open").set(desk.pool.get_size())
    measures.POOL.labels("idle").set(desk.pool.get_idle_size())
    return Reply(200, generate_latest(_registry()), CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    # Several workers write their figures to files in this folder; prometheus_client itself reads this name.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
