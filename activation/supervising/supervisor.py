"""Keeps the workers and the jobs running until told to stop, then lets them finish what they began."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from activation.config import Settings
from activation.supervising.database import Database
from activation.supervising.erasures import catch_up_with_erasures
from activation.supervising.sockets import open_sockets
from activation.supervising.workers import Child, start_jobs, start_worker

DRAIN_S: Final = 25.0
_log = structlog.get_logger("activation.supervisor")


class Supervisor:
    """Runs the workers of one server, and its jobs."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._sockets = open_sockets(settings.host, settings.port, settings.workers)
        self.port = int(self._sockets[0][0].getsockname()[1])
        self._metrics = settings.data_dir / "run" / "metrics"
        self._environment = _environment(database.dsn, self._metrics)
        self._database = database
        self._lifeline, self._held_end = os.pipe()
        self._has_jobs = settings.jobs
        self._settings = settings
        self._children: list[Child] = []
        self._is_stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Start all children, replace those that die, and stop them all once `stop` is set.

        Raises what `catch_up_with_erasures` does, with nothing started.
        """
        await catch_up_with_erasures(self._settings, self._database.dsn)
        shutil.rmtree(self._metrics, ignore_errors=True)
        self._metrics.mkdir(parents=True)
        for sockets in self._sockets:
            await self._add("worker", partial(start_worker, sockets, self._lifeline, self._environment))
        if self._has_jobs:
            await self._add("jobs", partial(start_jobs, self._lifeline, self._environment))
        watching = [asyncio.create_task(self._watch(child)) for child in self._children]
        watching.append(asyncio.create_task(self._database.keep()))
        await stop.wait()
        self._is_stopping = True
        await self._stop_children()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        self._close()

    async def _add(self, name: str, start: Callable[[], Awaitable[asyncio.subprocess.Process]]) -> None:
        self._children.append(Child(name, start, await start(), time.monotonic()))

    async def _watch(self, child: Child) -> None:
        while True:
            code = await child.process.wait()
            _forget_gauges(self._metrics, child.process.pid)
            if self._is_stopping:
                return
            pause_s = child.pause_s()
            _log.warning(f"{child.name} died", pid=child.process.pid, code=code, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            child.process = await child.start()
            child.started_at = time.monotonic()

    async def _stop_children(self) -> None:
        for child in self._children:
            with suppress(ProcessLookupError):
                child.process.terminate()
        try:
            async with asyncio.timeout(DRAIN_S):
                await asyncio.gather(*(child.process.wait() for child in self._children))
        except TimeoutError:
            _log.warning("children killed", reason=f"not drained in {DRAIN_S:.0f} s")
            for child in self._children:
                with suppress(ProcessLookupError):
                    child.process.kill()

    def _close(self) -> None:
        for sockets in self._sockets:
            for listening in sockets:
                listening.close()
        os.close(self._held_end)
        os.close(self._lifeline)


def _environment(dsn: str, metrics: Path) -> Mapping[str, str]:
    return {"ACTIVATION_DATABASE_URL": dsn, "PROMETHEUS_MULTIPROC_DIR": str(metrics.resolve())}


def _forget_gauges(metrics: Path, pid: int) -> None:
    """Remove a dead worker's live gauges, as prometheus_client asks for."""
    for left in metrics.glob(f"gauge_live*_{pid}.db"):
        left.unlink(missing_ok=True)
