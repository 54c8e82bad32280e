"""Our own load driver: as many connections as asked for, each with one request under way.

As a program it drives one part of a feed: `python -m loadtest.driver PORT CONNECTIONS SECONDS WRAP FILE`.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from loadtest.connection import Connection, connect, run_to_end
from loadtest.feeds import read_part

ANSWER_S: Final = 30.0
"""The longest that the answers still under way are waited for."""
SLOWEST: Final = 100
"""Fewer answers a second than this are taken for a server that hangs."""


@dataclass(slots=True)
class Drive:
    """What one driver did: requests sent, in how many seconds, and the answers by status."""

    issued: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)


async def drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Drive:
    """Send requests one after the other on each connection for so long, or until they run out.

    All answers are waited for. Raises DriverError, TimeoutError.
    """
    done = Drive()
    statuses = done.statuses
    clock = time.perf_counter
    began = deadline = clock()

    def next_request(_connection: Connection) -> bytes | None:
        request = next(requests, None) if clock() < deadline else None
        if request is None:
            done.seconds = done.seconds or clock() - began
            return None
        done.issued += 1
        return request

    def take(status: int, _body: bytes) -> None:
        statuses[status] += 1

    made = await connect(port, connections, lambda: Connection(next_request, take))
    began = clock()
    deadline = began + seconds
    await run_to_end(made, seconds + ANSWER_S)
    return done


async def collect(port: int, requests: Sequence[bytes], connections: int = 64) -> list[tuple[int, bytes]]:
    """Send every request once; return status and body of each, in order. Raises DriverError, TimeoutError."""
    answers: list[tuple[int, bytes]] = [(0, b"")] * len(requests)
    waiting = iter(range(len(requests)))

    def open_one() -> Connection:
        current = -1

        def next_request(_connection: Connection) -> bytes | None:
            nonlocal current
            current = next(waiting, -1)
            return requests[current] if current >= 0 else None

        def take(status: int, body: bytes) -> None:
            answers[current] = (status, body)

        return Connection(next_request, take)

    made = await connect(port, min(connections, len(requests)), open_one)
    await run_to_end(made, ANSWER_S + len(requests) / SLOWEST)
    return answers


def main() -> None:
    """Drive one part of a feed, and print what came of it as JSON."""
    port, connections, seconds, wrap, part = sys.argv[1:]
    requests = list(read_part(Path(part)))
    feed = chain.from_iterable(repeat(requests)) if wrap == "wrap" and requests else iter(requests)
    done = uvloop.run(drive(int(port), feed, int(connections), float(seconds)))
    sys.stdout.buffer.write(msgspec.json.encode(done) + b"\n")


if __name__ == "__main__":
    main()
