"""Small servers to compare with: worker processes on sockets of their own, as the real server's are."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvloop
from aiohttp import web

BACKLOG: Final = 1024
STOP_S: Final = 20.0

Make = Callable[[], Awaitable[web.Application | web.Server]]


@contextmanager
def run_fleet(module: str, workers: int, arguments: Sequence[str] = ()) -> Iterator[int]:
    """Run `module` in so many processes; yield the port that all of them listen on."""
    sockets = [_listen(0)]
    port = int(sockets[0].getsockname()[1])
    sockets += [_listen(port) for _ in range(workers - 1)]
    running = [_start(module, one, arguments) for one in sockets]
    for one in sockets:
        one.close()
    try:
        for process in running:
            _await_ready(module, process)
        yield port
    finally:
        for process in running:
            process.communicate(timeout=STOP_S)  # closing its input ends it


def serve_one(make: Make) -> None:
    """Serve what `make` returns, in this process, on the socket it was started with, until input ends."""
    uvloop.run(_serve(make, socket.socket(fileno=int(sys.argv[1]))))


async def _serve(make: Make, listening: socket.socket) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    made = await make()
    runner = web.ServerRunner(made) if isinstance(made, web.Server) else web.AppRunner(made, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening, backlog=BACKLOG).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def _start(module: str, listening: socket.socket, arguments: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - a module of our own
        [sys.executable, "-m", module, str(listening.fileno()), *arguments],
        pass_fds=[listening.fileno()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _await_ready(module: str, process: "subprocess.Popen[str]") -> None:
    line = process.stdout.readline() if process.stdout is not None else ""
    if line != "ready\n":
        raise RuntimeError(f"{module} did not start")
