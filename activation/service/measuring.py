"""What the jobs process tells the metrics from time to time: how long the oldest has waited."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from activation.service import measures
from activation.service.auditing.sealing import measure_seals
from activation.service.desk import Desk
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import lend
from activation.storage.outgoing.hooks import oldest_waiting_delivery
from activation.storage.outgoing.mails import oldest_waiting_mail

EVERY_S: Final = 15.0
_log = structlog.get_logger("activation.jobs")


async def measure_all(desk: Desk) -> None:
    """Measure once. Whatever goes wrong is logged and counted, and hinders no other measure."""
    await _try("waiting", measure_waiting, desk)
    if not await _try("seals", measure_seals, desk):
        # Nobody knows for how long events have waited: longer than before, so that the alarm comes.
        measures.UNSEALED_S.inc(EVERY_S)


async def measure_waiting(desk: Desk) -> None:
    """Tell the metrics how long the oldest mail and the oldest delivery have waited."""
    async with lend(desk.pool) as connection:
        now = await desk.clock.now(connection)
        oldest = {
            "mails": await oldest_waiting_mail(connection),
            "deliveries": await oldest_waiting_delivery(connection),
        }
    for queue, since in oldest.items():
        measures.OLDEST_S.labels(queue).set(0 if since is None else max(0, now - since))


async def _try(what: str, measure: Callable[[Desk], Awaitable[None]], desk: Desk) -> bool:
    try:
        await measure(desk)
    except DatabaseUnavailableError:
        _log.warning("not measured", what=what, reason="the database does not answer")
    except Exception:
        _log.exception("not measured", what=what)
    else:
        return True
    measures.JOBS.labels(f"measure_{what}", "failed").inc()
    return False
