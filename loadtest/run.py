"""The load test: `python -m loadtest.run`, or `make loadtest`.

Starts and seeds a server of its own, lets Locust's users loose on it, and compares what they were told with
what the database has. Writes a report with pictures; prints a JSON summary as its last line.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from crypto import base64url
from loadtest.charts import draw_charts, read_history
from loadtest.figures import describe_machine
from loadtest.postgres import Counts, assert_durable, count_activations
from loadtest.promises import Promise, all_held, weigh, write_summary
from loadtest.server import run_server
from loadtest.tally import Tally, load_tally

REPORT: Final = Path("loadtest-report")
_SPARE_S: Final = 120


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load test; return 1 when a promise was broken."""
    options = _parse(arguments)
    shutil.rmtree(options.report, ignore_errors=True)
    options.report.mkdir(parents=True)
    counts: Counts | None = None
    if options.base_url:
        _run_locust(options, options.base_url, options.seed_file, options.roots.read_text("ascii").split())
    else:
        print(f"Making a server with {options.accounts:,} licences ...", flush=True)
        with run_server(options.accounts, options.workers) as server:
            dsn = server.postgres.dsn()
            asyncio.run(assert_durable(dsn))
            roots = [base64url.encode(root) for root in server.roots]
            _run_locust(options, f"http://127.0.0.1:{server.port}", server.data_dir / "seeded.json", roots)
            counts = asyncio.run(count_activations(dsn))
    return _tell(options, load_tally(options.report / "tally.json"), counts)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtest.run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long (60)")
    parser.add_argument("--users", type=int, default=60, help="Locust's users (60)")
    parser.add_argument("--accounts", type=int, default=100_000, help="licences to seed (100000)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one per core)")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"folder of the report ({REPORT})")
    parser.add_argument("--base-url", help="a server that runs already, with --seed-file and --roots")
    parser.add_argument("--seed-file", type=Path, help="what `activation licenses seed --out` wrote")
    parser.add_argument("--roots", type=Path, help="what `activation keys export` printed")
    options = parser.parse_args(arguments)
    if options.base_url and not (options.seed_file and options.roots):
        parser.error("--base-url needs --seed-file and --roots")
    if options.seconds < 1 or not 1 <= options.users <= options.accounts:
        parser.error("at least 1 second, 1 user, and as many accounts as users are needed")
    return options


def _run_locust(options: argparse.Namespace, url: str, seed_file: Path, roots: Sequence[str]) -> None:
    """Run Locust in a process of its own: gevent, which it brings, stays there."""
    report = options.report.resolve()
    users = str(files("loadtest").joinpath("locustfile.py"))
    shape = ["--users", str(options.users), "--spawn-rate", str(max(1, options.users // 3)), "--host", url]
    lasting = ["--run-time", f"{options.seconds}s", "--stop-timeout", "20s"]
    output = ["--html", str(report / "locust.html"), "--csv", str(report / "locust"), "--only-summary"]
    output.append("--csv-full-history")  # without it the percentiles are those since the start
    program = [sys.executable, "-m", "locust", "-f", users, "--headless", "--loglevel", "WARNING"]
    done = subprocess.run(  # noqa: S603 - our own users
        [*program, *shape, *lasting, *output],
        env={
            **os.environ,
            "LOADTEST_SEEDED": str(seed_file),
            "LOADTEST_ROOTS": ",".join(roots),
            "LOADTEST_TALLY": str(report / "tally.json"),
        },
        timeout=options.seconds + _SPARE_S,
        check=False,
    )
    if not (report / "tally.json").exists():
        raise RuntimeError(f"Locust ended with status {done.returncode} and told nothing")


def _tell(options: argparse.Namespace, tally: Tally, counts: Counts | None) -> int:
    promises = weigh(tally, counts)
    history = read_history(options.report / "locust_stats_history.csv")
    pictures = draw_charts(history, options.report)
    rate = tally.answered / options.seconds
    machine = describe_machine()
    lines = [
        f"{tally.answered:,} answers in {options.seconds} s, {rate:,.0f} a second, to {options.users} users.",
        f"{machine['processor']}, {machine['cores']} cores shared by server, PostgreSQL and Locust.",
    ]
    write_summary(promises, lines, pictures, options.report / "summary.html")
    held = all_held(promises)
    print("\nAll promises held." if held else "\nA PROMISE WAS BROKEN.")
    for one in promises:
        print(f"  {one.word:12} {one.text}: {one.figures}")
    print("\n".join(lines), f"\nReport: {options.report / 'summary.html'}\n")
    print(json.dumps(_summary(held, promises, tally, machine, rate)))
    return 0 if held else 1


def _summary(
    held: bool, promises: list[Promise], tally: Tally, machine: dict[str, Any], rate: float
) -> dict[str, Any]:
    return {
        "held": held,
        "promises": [{"promise": one.text, "held": one.held, "figures": one.figures} for one in promises],
        "answers": tally.answered,
        "answers_per_s": round(rate, 1),
        "certificates_verified": tally.certificates,
        "statuses": tally.statuses,
        "machine": machine,
    }


if __name__ == "__main__":
    sys.exit(main())
