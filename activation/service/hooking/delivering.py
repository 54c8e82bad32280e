"""Messages to the vendor's webhooks: each claimed, signed, posted, tried again until taken or dead."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

import aiohttp
import structlog

from activation.licensing.identifiers import HOOK, MESSAGE, to_text
from activation.licensing.trying import MOST_TRIES, next_try
from activation.service import measures
from activation.service.desk import Desk
from activation.service.hooking.signing import sign
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.storage.lending import lend
from activation.storage.outgoing.hooks import (
    ClaimedDelivery,
    Tried,
    bury_delivery,
    claim_deliveries,
    mark_delivered,
    put_delivery_off,
)
from crypto.boxes import BoxError, open_box

LEASE_S: Final = 120
"""How long a claim lasts, in seconds: longer than a post may take."""
AT_ONCE: Final = 16
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20, connect=5)
_GONE: Final = 410
_log = structlog.get_logger("activation.hooks")


def open_session() -> aiohttp.ClientSession:
    """Return what posts to webhooks: no cookies, no proxies, nothing remembered."""
    return aiohttp.ClientSession(
        timeout=_TIMEOUT,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "activation", "Content-Type": "application/json"},
    )


async def deliver_messages(desk: Desk, session: aiohttp.ClientSession, stop: asyncio.Event) -> int:
    """Deliver what is due until nothing is, or `stop`; return how many messages were taken."""
    taken = 0
    while not stop.is_set() and (claimed := await _claim(desk)):
        taken += sum(await asyncio.gather(*(_deliver(desk, session, one) for one in claimed)))
    return taken


async def _claim(desk: Desk) -> list[ClaimedDelivery]:
    async with lend(desk.pool) as connection:
        # Before any is claimed: what is sealed under a pepper not read here must not be given up.
        now = await now_knowing_pepper(desk, connection)
        return await claim_deliveries(connection, now, LEASE_S, AT_ONCE)


async def _deliver(desk: Desk, session: aiohttp.ClientSession, one: ClaimedDelivery) -> bool:
    if one.tries > MOST_TRIES:
        tried = Tried(None, "nobody knows how the last try ended")
    else:
        tried = await _post(desk, session, one)
    await _note(desk, one, tried)
    return tried.error is None


async def _post(desk: Desk, session: aiohttp.ClientSession, one: ClaimedDelivery) -> Tried:
    try:
        secret = open_box(desk.secrets.hooks, one.secret_box)
    except BoxError:
        return Tried(None, "the webhook's secret does not open with this pepper")
    async with lend(desk.pool) as connection:
        now = await desk.clock.now(connection)
    body = write_body(one)
    headers = sign(secret, to_text(MESSAGE, one.message_id), now, body)
    try:
        async with session.post(one.url, data=body, headers=headers, allow_redirects=False) as answer:
            status = answer.status
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as failed:
        return Tried(None, type(failed).__name__)
    return Tried(status, None if 200 <= status < 300 else f"it answered {status}")


def write_body(one: ClaimedDelivery) -> bytes:
    """Return a message as it goes out: the same bytes at every try."""
    written = datetime.fromtimestamp(one.written_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = {"type": one.kind, "timestamp": written, "data": one.payload}
    return json.dumps(message, separators=(",", ":")).encode()


async def _note(desk: Desk, one: ClaimedDelivery, tried: Tried) -> None:
    """Note how a try went, and when the next one is."""
    async with lend(desk.pool) as connection:
        now = await desk.clock.now(connection)
        if tried.error is None and tried.status is not None:
            await mark_delivered(connection, one.message_id, one.hook_id, now, tried.status)
            measures.DELIVERIES.labels("taken").inc()
            return
        again_at = None if tried.status == _GONE else next_try(one.tries, now)
        if again_at is not None:
            await put_delivery_off(connection, one.message_id, one.hook_id, again_at, tried)
            measures.DELIVERIES.labels("put_off").inc()
            return
        await bury_delivery(connection, one.message_id, one.hook_id, now, tried)
    measures.DELIVERIES.labels("dead").inc()
    _log.warning(
        "delivery dead",
        message_id=to_text(MESSAGE, one.message_id),
        hook_id=to_text(HOOK, one.hook_id),
        reason=tried.error,
    )
