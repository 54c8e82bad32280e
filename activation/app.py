"""Wiring: from settings to a worker that serves. The only place that knows all the rooms."""

import asyncio
import gc
import os
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from socket import socket
from typing import Final

import structlog
import uvloop

from activation.beside import run_beside
from activation.config import Settings, load_settings
from activation.http.surroundings import Surroundings
from activation.http.wire.addresses import TrustedProxies
from activation.logs import set_up_logs
from activation.service.batching.batcher import Batcher
from activation.service.batching.settling import Settlement
from activation.service.certifying.certificates import CertificateMaker
from activation.service.certifying.key_watching import KeyWatch, ends_of
from activation.service.clock import Clock
from activation.service.desk import Desk, Secrets
from activation.service.identity.hashing import SlowHashing
from activation.service.ids import IdSource
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.peppering.watching import PepperWatch
from activation.service.privacy.ledger import ErasureLedger
from activation.service.tracing.keeping import Traces
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import is_ready, lend
from activation.storage.migrations.checking import newest_revision
from activation.storage.peppers import note_pepper
from activation.storage.pool import assert_durable, close_pool, open_pool
from activation.storage.products import read_catalogue
from crypto.key_folder import survey
from crypto.keyring import KeyRing
from crypto.pepper import Pepper
from crypto.sealing import load_sealing_key

SPARE_CONNECTIONS: Final = 3
SOCKETS_VARIABLE: Final = "ACTIVATION_WORKER_SOCKETS"
LIFELINE_VARIABLE: Final = "ACTIVATION_WORKER_LIFELINE"
LATER: Final = 3
"""The exit status of what may be tried again later."""

_log = structlog.get_logger("activation.worker")


def secrets_of(pepper: Pepper) -> Secrets:
    """Return the keys that a worker derives from the pepper."""
    return Secrets(
        *map(
            pepper.derive,
            ("devices", "passwords", "tags", "occasions", "mail", "hooks", "totp", "offline", "audit"),
        )
    )


@asynccontextmanager
async def open_desk(settings: Settings, dsn: str) -> AsyncIterator[Desk]:
    """Put together what the use cases need; take it apart in order: batches first, connections last."""
    peppers = PepperWatch(settings.pepper_file, secrets_of)
    secrets = peppers.in_use
    seen = survey(settings.keys_folder)  # before it is read: what changes meanwhile is seen next time
    ring = KeyRing.load(settings.keys_folder, int(time.time()))
    pool = await open_pool(dsn, settings.batch_slots + SPARE_CONNECTIONS)
    try:
        async with lend(pool) as connection:
            if not settings.allow_undurable:
                await assert_durable(connection)
            catalogue = await read_catalogue(connection)
        clock = Clock()
        traces = Traces()
        settlement = Settlement(pool, settings.week, peppers.version, clock, traces.wants)
        batcher = Batcher(
            settlement.settle,
            slots=settings.batch_slots,
            batch_limit=settings.batch_limit,
            queue_limit=settings.queue_limit,
        )
        maker = CertificateMaker(
            ring, settings.issuer, secrets.devices, secrets.tags, settings.certificates_kept
        )
        keys = KeyWatch(settings.keys_folder, maker, seen)
        desk = Desk(pool, batcher, catalogue, maker, secrets, settings.week, IdSource(), keys, clock)
        desk.bounds = settings.bounds
        await _follow_peppers(desk, settlement, peppers)
        desk.online_order_s, desk.traces = settings.online_order_s, traces
        desk.sealing = load_sealing_key(settings.keys_folder)
        desk.issuer, desk.limits = settings.issuer, settings.limits
        desk.sessions, desk.public_url = settings.sessions, settings.site
        desk.hashing = SlowHashing(settings.password_hashes, settings.password_queue)
        desk.keeping, desk.erasures = settings.keeping, ErasureLedger(settings.erasures_file)
        beside = [asyncio.create_task(one) for one in run_beside(desk)]
        yield desk
        await desk.link_requests.settle()  # while the loop that looks into them still runs
        for task in beside:
            task.cancel()
        await batcher.drain()
        await traces.close(pool)
        await desk.tally.write(pool, desk.week.zone)
        await desk.token_uses.flush(pool)
        await desk.sign_ins.flush(pool, desk.ids)
        desk.hashing.close()
        await desk.limiter.drain()
    finally:
        await close_pool(pool)


async def _follow_peppers(desk: Desk, settlement: Settlement, peppers: PepperWatch[Secrets]) -> None:
    """Use what the pepper's file holds, now and when it changes: one version for new digests, all for old."""

    def take() -> None:
        desk.secrets, desk.pepper_version = peppers.in_use, peppers.version
        settlement.pepper_version, settlement.newest_pepper = peppers.version, peppers.newest
        desk.limiter.use_key(desk.secrets.passwords)
        known = peppers.known.items()
        desk.maker.take_peppers(
            {version: keys.devices for version, keys in known},
            {version: keys.tags for version, keys in known},
        )

    async def announce(version: int) -> None:
        async with lend(desk.pool) as connection:
            await note_pepper(connection, version)

    desk.peppers, peppers.take, peppers.announce = peppers, take, announce
    await peppers.say_used(peppers.version)
    take()


def surroundings_of(settings: Settings, desk: Desk) -> Surroundings:
    """Return what the HTTP handlers need beside the desk."""
    return Surroundings(
        TrustedProxies(settings.trusted_proxies),
        settings.metrics_readers,
        _readiness(desk),
        settings.body_s,
        settings.longest_wait_s,
        settings.shop_key,
    )


async def run_worker(settings: Settings, dsn: str, sockets: Sequence[socket], stop: asyncio.Event) -> None:
    """Serve on sockets opened by the supervisor until `stop`; answer what was begun, then end."""
    # Commands and jobs open a desk too: half of the time that they take to start would go into these.
    from activation.console.routes import CONSOLE_ENDPOINTS  # noqa: PLC0415
    from activation.http.routes import make_application  # noqa: PLC0415
    from activation.http.wire.serving import serve  # noqa: PLC0415

    async with open_desk(settings, dsn) as desk:
        application = make_application(desk, surroundings_of(settings, desk), CONSOLE_ENDPOINTS)
        _log.info("serving", pid=os.getpid())
        await serve(application, sockets, _tls(settings), stop, idle_s=settings.idle_s)
    _log.info("stopped", pid=os.getpid())


def main() -> None:
    """Run one worker; the supervisor starts it with its sockets and a lifeline in the environment."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    dsn = settings.database_url.get_secret_value() if settings.database_url is not None else ""
    sockets = [socket(fileno=int(fd)) for fd in os.environ[SOCKETS_VARIABLE].split(",")]
    lifeline = int(os.environ[LIFELINE_VARIABLE])
    _tune_collector()
    uvloop.run(_run_until_told(settings, dsn, sockets, lifeline))


def _tune_collector() -> None:
    """Look for reference cycles seldom: a request makes hundreds of objects and hardly a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _run_until_told(settings: Settings, dsn: str, sockets: Sequence[socket], lifeline: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The supervisor holds the other end: it closes when the supervisor is gone, however it went.
    loop.add_reader(lifeline, stop.set)
    try:
        await run_worker(settings, dsn, sockets, stop)
    except DatabaseUnavailableError as away:
        _log.warning("worker not started", reason=str(away))
        sys.exit(LATER)  # the supervisor tries again


def _readiness(desk: Desk) -> Callable[[], Awaitable[str]]:
    revision = newest_revision()

    async def not_ready() -> str:
        now = int(time.time())
        if ends_of(desk.maker.ring, now)["online"] <= now:
            return "no signing key is valid now"
        return await is_ready(desk.pool, revision) or await _is_behind(desk)

    return not_ready


async def _is_behind(desk: Desk) -> str:
    """Return "" unless the newest pepper is not in the file here: then all would be put off (D5)."""
    try:
        async with lend(desk.pool) as connection:
            await now_knowing_pepper(desk, connection)
    except DatabaseUnavailableError as behind:
        return str(behind)
    return ""


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


if __name__ == "__main__":
    main()
