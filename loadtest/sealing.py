"""What sealing the log costs: `python -m loadtest.sealing`.

Measures the same first activations with the sealer at work and with it held back, in turns on one server, and
prints both rates, their ratio, and how far the sealer was behind; and what an activation costs of the
processor, the server's and the database's processes together, with and without, and the jobs process alone at
most. On a machine whose speed swings, that tells more than the rates. Each turn begins with some seconds that
are not measured, longer than the sealer's pause: it then works as hard as in the long run.
"""

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg
from rich.console import Console

from loadtest.feeds import write_feed
from loadtest.loading import PARTS, Driver, LoadError
from loadtest.postgres import assert_durable
from loadtest.requests import activation_request
from loadtest.server import ALL_SERVED, Server, run_server

LOCK: Final = 0x5EA1
"""What the sealer holds while it works; whoever else holds it keeps it from working."""
LEAD_S: Final = 6.0
JOBS: Final = b"activation.jobs"
ALL: Final = (b"activation.app", JOBS, b"postgres:")
CATCH_UP_S: Final = 120.0
_UNSEALED: Final = (
    "SELECT count(*), coalesce(date_part('epoch', clock_timestamp() - min(happened)), 0) FROM event"
    " WHERE xid >= coalesce((SELECT until_xid FROM seal ORDER BY number DESC LIMIT 1), 0)"
)


@dataclass(slots=True)
class Turns:
    """What the turns came to, activations a second, and the age of the oldest event that waited (seconds)."""

    with_sealing: list[float] = field(default_factory=list)
    without: list[float] = field(default_factory=list)
    us_with: list[float] = field(default_factory=list)
    us_without: list[float] = field(default_factory=list)
    us_jobs: list[float] = field(default_factory=list)
    behind_s: list[float] = field(default_factory=list)
    visited: int = 0

    def report(self) -> dict[str, float]:
        """Return medians; `ratio` is the median of the rounds' own ratios."""
        pairs = zip(self.with_sealing, self.without, strict=True)
        costs = zip(self.us_with, self.us_without, strict=True)
        return {
            "with_sealing_rps": round(median(self.with_sealing)),
            "without_sealing_rps": round(median(self.without)),
            "ratio": round(median(one / other for one, other in pairs), 4),
            "with_sealing_cpu_us": round(median(self.us_with), 1),
            "without_sealing_cpu_us": round(median(self.us_without), 1),
            "jobs_process_cpu_us": round(max(self.us_jobs), 1),
            "cpu_ratio": round(median(one / other for one, other in costs), 4),
            "behind_s": round(max(self.behind_s), 1),
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, as a line of JSON last of all."""
    parser = argparse.ArgumentParser(prog="python -m loadtest.sealing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="how often each is measured (4)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each time (10)")
    parser.add_argument("--connections", type=int, default=256, help="connections of the load (256)")
    parser.add_argument("--accounts", type=int, default=2_000_000, help="licences in the database (2000000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    console.print(f"Making a server with {options.accounts:,} licences ...", style="dim")
    with (
        tempfile.TemporaryDirectory(prefix="activation-sealing-") as folder,
        run_server(options.accounts, options.workers, settings=ALL_SERVED) as server,
    ):
        asyncio.run(assert_durable(server.postgres.dsn()))
        turns = _measure(options, server, Path(folder), console)
        sealed = _check_sealed(server, turns)
    print(json.dumps({**turns.report(), "events_sealed": sealed, "rounds": options.rounds}))


def _measure(options: argparse.Namespace, server: Server, folder: Path, console: Console) -> Turns:
    turns, driver = Turns(), Driver(options.connections)
    size = options.accounts // (2 * options.rounds)

    def load(turn: int, costs: list[float]) -> float:
        numbers = range(turn * size, (turn + 1) * size)
        lead = int(size * LEAD_S / (LEAD_S + options.seconds))
        for part, seconds in ((numbers[:lead], LEAD_S), (numbers[lead:], options.seconds)):
            feed = write_feed(folder, "turn", (activation_request(server.seeded, n) for n in part), PARTS)
            before = _processor_s(*ALL), _processor_s(JOBS)
            done = driver.load(server.port, feed, seconds, 201)
            turns.visited += done.total
        costs.append((_processor_s(*ALL) - before[0]) / done.total * 1e6)
        turns.us_jobs.append((_processor_s(JOBS) - before[1]) / done.total * 1e6)
        return done.rate

    for round_ in range(options.rounds):
        for sealing in (True, False) if round_ % 2 else (False, True):
            turn = len(turns.with_sealing) + len(turns.without)
            if sealing:
                turns.with_sealing.append(load(turn, turns.us_with))
                turns.behind_s.append(asyncio.run(_unsealed(server))[1])
            else:
                with _held_back(server.postgres.dsn()):
                    turns.without.append(load(turn, turns.us_without))
            _catch_up(server)
        pair = f"{turns.with_sealing[-1]:,.0f}/s with, {turns.without[-1]:,.0f}/s without"
        console.print(f"Round {round_ + 1} of {options.rounds}: {pair}", style="dim")
    return turns


def _processor_s(*words: bytes) -> float:
    """Return how long the processes with one of these words in their command were at work, in seconds."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if any(word in (process / "cmdline").read_bytes() for word in words):
                numbers = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(numbers[11]) + int(numbers[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _held_back(dsn: str) -> Iterator[None]:
    """Keep the sealer from working, by holding what it must hold."""
    ready, over = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        ready.set()
        await asyncio.to_thread(over.wait)
        await connection.close()

    holding = threading.Thread(target=lambda: asyncio.run(hold()))
    holding.start()
    ready.wait(CATCH_UP_S)
    try:
        yield
    finally:
        over.set()
        holding.join()


async def _unsealed(server: Server) -> tuple[int, float]:
    connection = await asyncpg.connect(server.postgres.dsn())
    try:
        [row] = await connection.fetch(_UNSEALED, timeout=60)
    finally:
        await connection.close()
    return row[0], row[1]


def _catch_up(server: Server) -> None:
    """Wait until nothing is unsealed; raise LoadError when the sealer does not come to it."""
    deadline = time.monotonic() + CATCH_UP_S
    while asyncio.run(_unsealed(server))[0]:
        if time.monotonic() > deadline:
            raise LoadError(f"events are still unsealed after {CATCH_UP_S} s")
        time.sleep(0.5)


async def _sealed(server: Server) -> tuple[int, int]:
    connection = await asyncpg.connect(server.postgres.dsn())
    try:
        [row] = await connection.fetch(
            "SELECT (SELECT sum(events)::bigint FROM seal), (SELECT count(*) FROM event WHERE kind = 1)",
            timeout=120,
        )
    finally:
        await connection.close()
    return row[0], row[1]


def _check_sealed(server: Server, turns: Turns) -> int:
    """Return how many events were sealed; raise LoadError when activations are missing among them."""
    sealed, told = asyncio.run(_sealed(server))
    if told != turns.visited or sealed < told:
        raise LoadError(f"{turns.visited} activations, {told} events of them, {sealed} events sealed")
    return sealed


if __name__ == "__main__":
    main()
