"""Loops that run beside the requests for as long as the worker does, whatever goes wrong in one of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

PAUSE_S: Final = 1.0
_log = structlog.get_logger("activation.worker")


async def go_on(run: Callable[[], Coroutine[Any, Any, None]], name: str, pause_s: float = PAUSE_S) -> None:
    """Run a loop until cancelled; when it fails, say so, and begin it again after `pause_s` seconds."""
    while True:
        try:
            await run()
        except Exception:  # whatever it was: without the loop something would stand still and nobody see it
            _log.exception("began again", loop=name)
        await asyncio.sleep(pause_s)
