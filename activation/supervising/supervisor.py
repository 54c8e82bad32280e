"""Keeps the workers running until told to stop, then lets them finish what they began."""

import asyncio
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from activation.config import Settings
from activation.supervising.database import Database
from activation.supervising.sockets import open_sockets
from activation.supervising.workers import Worker, start_worker

DRAIN_S: Final = 25.0
_log = structlog.get_logger("activation.supervisor")


class Supervisor:
    """Runs the workers of one server."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._sockets = open_sockets(settings.host, settings.port, settings.workers)
        self.port = int(self._sockets[0][0].getsockname()[1])
        self._metrics = settings.data_dir / "run" / "metrics"
        self._environment = _environment(database.dsn, self._metrics)
        self._database = database
        self._lifeline, self._held_end = os.pipe()
        self._workers: list[Worker] = []
        self._is_stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Start the workers, replace those that die, and stop them all once `stop` is set."""
        shutil.rmtree(self._metrics, ignore_errors=True)
        self._metrics.mkdir(parents=True)
        for sockets in self._sockets:
            process = await start_worker(sockets, self._lifeline, self._environment)
            self._workers.append(Worker(sockets, process, time.monotonic()))
        watching = [asyncio.create_task(self._watch(worker)) for worker in self._workers]
        watching.append(asyncio.create_task(self._database.keep()))
        await stop.wait()
        self._is_stopping = True
        await self._stop_workers()
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        self._close()

    @property
    def pids(self) -> list[int]:
        """Return the workers' process ids."""
        return [worker.process.pid for worker in self._workers]

    async def _watch(self, worker: Worker) -> None:
        while True:
            code = await worker.process.wait()
            _forget_gauges(self._metrics, worker.process.pid)
            if self._is_stopping:
                return
            pause_s = worker.pause_s()
            _log.warning("worker died", pid=worker.process.pid, code=code, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            worker.process = await start_worker(worker.sockets, self._lifeline, self._environment)
            worker.started_at = time.monotonic()

    async def _stop_workers(self) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.process.terminate()
        try:
            async with asyncio.timeout(DRAIN_S):
                await asyncio.gather(*(worker.process.wait() for worker in self._workers))
        except TimeoutError:
            _log.warning("workers killed", reason=f"not drained in {DRAIN_S:.0f} s")
            for worker in self._workers:
                with suppress(ProcessLookupError):
                    worker.process.kill()

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
