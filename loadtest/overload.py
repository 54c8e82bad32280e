"""More load than can be served: `python -m loadtest.overload`.

Measures what the server can do (first activations, as many as it answers), then offers it several times as
much for a while. Beside the flood goes a thin stream of requests sent at fixed times, by which it is told how
long served and refused ones take. Prints the figures as a line of JSON last of all; exits with 1 when less
than 80 % of the capacity was served, or p99 of what was served took 250 ms or more.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from loadtest.feeds import write_feed
from loadtest.loading import PARTS, Driver, Flood, LoadError
from loadtest.pacing import Paced, pace
from loadtest.postgres import assert_durable, count_activations
from loadtest.requests import activation_request
from loadtest.server import Server, run_server

SERVED_SHARE: Final = 0.8
SERVED_MS: Final = 250.0
WARM_UP: Final = 2_000
CAPACITY: Final = 60_000
LEAD_S: Final = 4.0
"""The flood begins so much earlier than what is measured: a burst is let in whole."""
PROBED_RPS: Final = 50
FLOODERS: Final = 3_000
SERVED_AT_ONCE: Final = 128
"""Connections that ask as fast as they are answered, and wait too short to be turned away."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; exit with 1 where a promise was broken."""
    options = _parse(arguments)
    console = Console(highlight=False)
    accounts = WARM_UP + CAPACITY + int(options.most_rps * (LEAD_S + options.seconds) * options.times)
    console.print(f"Making a server with {accounts:,} licences ...", style="dim")
    with (
        tempfile.TemporaryDirectory(prefix="activation-overload-") as folder,
        run_server(accounts, options.workers) as server,
    ):
        asyncio.run(assert_durable(server.postgres.dsn()))
        report = _measure(options, server, Path(folder), console)
    console.print(
        f"It can do {report['capacity_rps']:,} a second. Of {report['offered_rps']:,} were served"
        f" {report['served_rps']:,}: {report['served_share']:.0%} of that (80 % at least).\n"
        f"p99 of the served: {report['served_p99_ms']} ms (under 250); of the refused:"
        f" {report['refused_p99_ms']} ms."
    )
    print(json.dumps(report))
    if report["served_share"] < SERVED_SHARE or report["served_p99_ms"] >= SERVED_MS:
        sys.exit(1)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.overload", description=__doc__)
    parser.add_argument("--times", type=float, default=3.0, help="the load, by what can be served (3)")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long it is measured (10)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    parser.add_argument("--most-rps", type=float, default=6_000, help="room for so much capacity (6000)")
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace, server: Server, folder: Path, console: Console) -> dict[str, Any]:
    seeded = server.seeded
    requests = (activation_request(seeded, n) for n in range(seeded.accounts))

    def feed(name: str, count: int) -> Any:
        return write_feed(folder, name, (next(requests) for _ in range(count)), PARTS)

    driver = Driver(SERVED_AT_ONCE)
    answered = driver.load(server.port, feed("warm-up", WARM_UP), 2.0, 201).total
    console.print("Measuring what it can do ...", style="dim")
    alone = driver.load(server.port, feed("capacity", CAPACITY), options.seconds, 201)
    offered = min(options.times * alone.rate, options.times * options.most_rps)
    probes = [next(requests) for _ in range(int(PROBED_RPS * options.seconds))]
    console.print(f"Offering {offered:,.0f} a second ...", style="dim")
    count = seeded.accounts - WARM_UP - CAPACITY - len(probes)
    with _flooding(server.port, feed("flood", count), LEAD_S + options.seconds, offered) as flood:
        paced = asyncio.run(_probe_later(server.port, probes))
    statuses = paced.statuses
    if set(statuses) - {201, 503}:
        raise LoadError(f"answers other than 201 and 503: {statuses}")
    _check_stored(server, answered + alone.total + flood[0].served + statuses[201])
    return _report(options, alone.rate, flood[0], paced)


@contextmanager
def _flooding(port: int, feed: Any, seconds: float, rate: float) -> Iterator[list[Flood]]:
    """Flood the server beside what this is for; afterwards the list has what it came to."""
    done: list[Flood] = []
    driver = Driver(FLOODERS)
    running = threading.Thread(target=lambda: done.append(driver.flood(port, feed, seconds, FLOODERS / rate)))
    running.start()
    try:
        yield done
    finally:
        running.join()
    if not done:
        raise LoadError("the flood broke off")


async def _probe_later(port: int, probes: Sequence[bytes]) -> Paced:
    await asyncio.sleep(LEAD_S)
    return await pace(port, probes, PROBED_RPS, PROBED_RPS)


def _check_stored(server: Server, answered: int) -> None:
    """Nothing acknowledged is lost: raise LoadError where the database has not what was answered."""
    counts = asyncio.run(count_activations(server.postgres.dsn()))
    if counts.activations != answered or not counts.one_device_each:
        raise LoadError(f"{answered} activations were answered and {counts.activations} are stored")


def _report(options: argparse.Namespace, capacity: float, flood: Flood, paced: Paced) -> dict[str, Any]:
    served = flood.served / flood.seconds
    return {
        "times": options.times,
        "capacity_rps": round(capacity),
        "offered_rps": round(flood.issued / flood.seconds),
        "served_rps": round(served),
        "served_share": round(served / capacity, 3),
        "probes": dict(paced.statuses),
        "served_p50_ms": round(paced.percentile_ms(0.5, 201), 1) if paced.times.get(201) else None,
        "served_p99_ms": round(paced.percentile_ms(0.99, 201), 1) if paced.times.get(201) else None,
        "refused_p99_ms": round(paced.percentile_ms(0.99, 503), 1) if paced.times.get(503) else None,
        "load_average": round(os.getloadavg()[0], 2),
    }


if __name__ == "__main__":
    main()
