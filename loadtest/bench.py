"""The benchmark: `python -m loadtest.bench`, or `make bench`.

Starts a server of its own in a temporary folder, with a durable PostgreSQL, and measures it in alternating
rounds beside a bare handler and a plain implementation. Prints a table and, last, one JSON object.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from loadtest.baseline_tables import make_baseline
from loadtest.driver import collect
from loadtest.figures import resident_mib
from loadtest.fleet import run_fleet
from loadtest.loading import Driver
from loadtest.pgbench import find_pgbench, make_counters
from loadtest.picture import draw
from loadtest.postgres import assert_durable
from loadtest.requests import activation_request
from loadtest.rounds import HOT, Bench, check_counts, measure_delay, run_round, warm_up
from loadtest.server import ALL_SERVED, Server, run_server
from loadtest.telling import tell

# So few are kept that who comes again among thousands is signed for again: what is told as cold is cold.
SETTINGS: Final = {**ALL_SERVED, "ACTIVATION_CERTIFICATES_KEPT": str(2 * HOT)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    options = _parse(arguments)
    console = Console(highlight=False)
    with _equipped(options, console) as bench:
        warm_up(bench)
        for turn in range(bench.rounds):
            console.print(f"Round {turn + 1} of {bench.rounds} ...", style="dim")
            run_round(bench, turn)
        measure_delay(bench)
        check_counts(bench)
        bench.figures.single["worker_mib"] = resident_mib(bench.server.worker_pids())
        report = {
            **bench.figures.report(),
            "driver": bench.driver.name,
            "workers": options.workers,
            "connections": options.connections,
            "accounts": options.accounts,
            "postgres": asyncio.run(assert_durable(bench.server.postgres.dsn())),
        }
    console.print()
    tell(report, console)
    if options.picture is not None:
        draw(report, options.picture)
    print(json.dumps(report))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each figure is measured (3)")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each time (4)")
    parser.add_argument("--connections", type=int, default=256, help="connections of the load (256)")
    parser.add_argument("--accounts", type=int, default=250_000, help="licences in the database (250000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    parser.add_argument("--own-driver", action="store_true", help="do without wrk, though it is here")
    parser.add_argument("--picture", type=Path, help="also draw the figures into this file (.svg, .png)")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.seconds <= 0 or options.accounts < 100 or options.connections < 2:
        parser.error("at least 1 round, some seconds, 100 accounts and 2 connections are needed")
    return options


@contextmanager
def _equipped(options: argparse.Namespace, console: Console) -> Iterator[Bench]:
    """Start everything that is measured, stop it at the end."""
    console.print(f"Making a server with {options.accounts:,} licences ...", style="dim")
    with tempfile.TemporaryDirectory(prefix="activation-bench-") as name, _server(options) as server:
        folder = Path(name)
        answer = folder / "answer.json"
        answer.write_bytes(_one_answer(server))
        dsn = asyncio.run(make_baseline(server.postgres, server.data_dir, server.seeded))
        program = find_pgbench()
        if program is not None:
            asyncio.run(make_counters(dsn))
        shape = (dsn, str(server.data_dir))
        with (
            run_fleet("loadtest.hello", options.workers, [str(answer)]) as hello,
            run_fleet("loadtest.baseline", options.workers, shape) as baseline,
            run_fleet("loadtest.leanest", options.workers, shape) as leanest,
        ):
            driver = Driver(options.connections, **({"wrk": None} if options.own_driver else {}))
            ports = (hello, baseline, leanest)
            yield Bench(server, driver, *ports, dsn, program, folder, options.seconds, options.rounds)


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[Server]:
    with run_server(options.accounts, options.workers, settings=SETTINGS) as server:
        asyncio.run(assert_durable(server.postgres.dsn()))
        yield server


def _one_answer(server: Server) -> bytes:
    """Return the server's answer to the last account, which no round visits: what hello will answer."""
    request = activation_request(server.seeded, server.seeded.accounts - 1)
    return asyncio.run(collect(server.port, [request]))[0][1]


if __name__ == "__main__":
    main()
