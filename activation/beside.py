"""What a worker does beside the requests until it stops: loops that go on whatever goes wrong in them."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog

from activation.service.desk import Desk
from activation.service.going_on import go_on
from activation.service.identity.forgotten import send_links
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import lend
from activation.storage.products import read_catalogue

CATALOGUE_S: Final = 5.0
"""How late a worker may know of a product, in seconds."""
_log = structlog.get_logger("activation.worker")


def run_beside(desk: Desk) -> list[Coroutine[Any, Any, None]]:
    """Return the loops, to be started and cancelled."""
    loops: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "products": partial(_keep_catalogue, desk),
        "keys": desk.keys.run,
        "pepper": desk.peppers.run,
        "re-keying": partial(desk.rekeying.run, desk.pool),
        "limit notices": partial(desk.notices.run, desk.pool, desk.ids),
        "traces": partial(desk.traces.run, desk.pool),
        "refusals": partial(desk.tally.run, desk.pool, desk.week.zone),
        "uses of tokens": partial(desk.token_uses.run, desk.pool),
        "password links": partial(desk.link_requests.run, partial(send_links, desk)),
        "sign-ins": partial(desk.sign_ins.run, desk.pool, desk.ids),
    }
    return [go_on(run, name) for name, run in loops.items()]


async def _keep_catalogue(desk: Desk) -> None:
    """Read the products again now and then: they change while workers run."""
    while True:
        await asyncio.sleep(CATALOGUE_S)
        try:
            async with lend(desk.pool) as connection:
                desk.catalogue = await read_catalogue(connection)
        except DatabaseUnavailableError:
            _log.warning("products not read", reason="the database does not answer")
