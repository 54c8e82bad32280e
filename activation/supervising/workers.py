"""One child process, a worker or the jobs, tied to the supervisor by a lifeline."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from socket import socket
from typing import Final

from activation.app import LIFELINE_VARIABLE, SOCKETS_VARIABLE

SETTLED_S: Final = 5.0
LONGEST_PAUSE_S: Final = 5.0


@dataclass(slots=True)
class Child:
    """A child's place: how it is started, its process, and how often in a row it died young."""

    name: str
    start: Callable[[], Awaitable[asyncio.subprocess.Process]]
    process: asyncio.subprocess.Process
    started_at: float
    early_deaths: int = 0

    def pause_s(self) -> float:
        """Return how long to wait before this place is filled again: not at all for one that ran a while."""
        if time.monotonic() - self.started_at >= SETTLED_S:
            self.early_deaths = 0
            return 0.0
        self.early_deaths += 1
        return min(LONGEST_PAUSE_S, 0.1 * float(2**self.early_deaths))


async def start_worker(
    sockets: Sequence[socket], lifeline: int, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    """Start a worker on these sockets."""
    handed = [listening.fileno() for listening in sockets]
    named = {SOCKETS_VARIABLE: ",".join(map(str, handed))}
    return await _start("activation.app", [*handed, lifeline], lifeline, {**environment, **named})


async def start_jobs(lifeline: int, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start the process that does scheduled work."""
    return await _start("activation.jobs", [lifeline], lifeline, environment)


async def _start(
    module: str, handed: Sequence[int], lifeline: int, environment: Mapping[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        env={**os.environ, **environment, LIFELINE_VARIABLE: str(lifeline)},
        pass_fds=handed,
        # Ctrl-C reaches the supervisor alone, which tells its children.
        start_new_session=True,
    )
