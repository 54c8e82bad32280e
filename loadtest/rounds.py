"""The benchmark's rounds: every server in turn under the same load, again and again."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from activation.messages.answers import ActivationAnswer
from loadtest.baseline_tables import count_baseline
from loadtest.driver import collect
from loadtest.feeds import Feed, write_feed
from loadtest.figures import Figures
from loadtest.loading import PARTS, Driver, LoadError
from loadtest.pacing import pace
from loadtest.pgbench import run_pgbench
from loadtest.postgres import count_activations
from loadtest.proving import prove_sample, read_answer
from loadtest.requests import (
    activation_request,
    keyed_activation_request,
    proved_renewal_request,
    renewal_request,
)
from loadtest.server import Server

WARM_UP: Final = 2_000
WARM_UP_S: Final = 2.0
HOT: Final = 256
"""So many devices ask again and again where the certificate is to be remembered."""
PACED_SHARE: Final = 0.2
PACED_AT: Final = 0.7
PACED_S: Final = 8.0


@dataclass(slots=True)
class Bench:
    """All that a round needs. `visited` begins at 1: the last account gave the answer that hello repeats."""

    server: Server
    driver: Driver
    hello_port: int
    baseline_port: int
    leanest_port: int
    baseline_dsn: str
    pgbench: Path | None
    folder: Path
    seconds: float
    rounds: int
    figures: Figures = field(default_factory=Figures)
    visited: int = 1
    visited_baseline: int = 0
    visited_leanest: int = 0

    @property
    def accounts(self) -> range:
        """Return the accounts that rounds may visit, between those of the warm-up and of the paced load."""
        count = self.server.seeded.accounts
        return range(min(WARM_UP, count // 10), count - int(count * PACED_SHARE))


def warm_up(bench: Bench) -> None:
    """Let every server and the database meet its work once, unmeasured."""
    numbers = range(bench.accounts.start)
    feed = _write(bench, "warm-up", numbers)
    seconds = min(WARM_UP_S, bench.seconds)
    bench.driver.load(bench.hello_port, feed, seconds, 201)
    bench.visited_baseline += bench.driver.load(bench.baseline_port, feed, seconds, 201).total
    bench.visited_leanest += bench.driver.load(bench.leanest_port, feed, seconds, 201).total
    bench.visited += bench.driver.load(bench.server.port, feed, seconds, 201).total


def run_round(bench: Bench, turn: int) -> None:
    """Measure every figure once; each account is visited in one round only."""
    size = len(bench.accounts) // bench.rounds
    numbers = bench.accounts[turn * size : (turn + 1) * size]
    feed = _write(bench, f"round-{turn}", numbers)
    others = [_measure_hello, _measure_baseline, _measure_leanest, _measure_pgbench]
    for measure in others if turn % 2 == 0 else []:
        measure(bench, feed)
    _measure_ours(bench, feed, numbers)
    for measure in others if turn % 2 else []:
        measure(bench, feed)
    for part in feed.parts:
        part.unlink()


def measure_delay(bench: Bench) -> None:
    """Measure how long activations take at 70 % of the highest rate, each counted from when it was due."""
    rate = PACED_AT * (bench.figures.median("activation_rps") or 1.0)
    count = bench.server.seeded.accounts
    last = min(count - 1, bench.accounts.stop + int(rate * PACED_S))
    numbers = range(bench.accounts.stop, last)
    requests = [activation_request(bench.server.seeded, number) for number in numbers]
    paced = asyncio.run(pace(bench.server.port, requests, rate, bench.driver.connections))
    if set(paced.statuses) != {201}:
        raise LoadError(f"answers other than 201: {paced.statuses}")
    bench.visited += len(numbers)
    single = bench.figures.single
    single["paced_rps"] = float(round(rate))
    single["p50_ms"] = round(paced.percentile_ms(0.5), 2)
    single["p99_ms"] = round(paced.percentile_ms(0.99), 2)


def check_counts(bench: Bench) -> None:
    """Compare the database with what was answered; raise LoadError where they differ."""
    counts = asyncio.run(count_activations(bench.server.postgres.dsn()))
    stored = (counts.activations, *asyncio.run(count_baseline(bench.baseline_dsn)))
    answered = (bench.visited, bench.visited_baseline, bench.visited_leanest)
    if stored != answered:
        raise LoadError(f"answered by the server, the baseline and the leanest {answered}, stored {stored}")
    if not counts.one_device_each:
        raise LoadError(f"{counts.current} current activations on {counts.licenses_held} licences")
    bench.figures.checks["activations_answered_201"] = bench.visited
    bench.figures.checks["activations_stored"] = counts.activations


def _measure_hello(bench: Bench, feed: Feed) -> None:
    load = bench.driver.load(bench.hello_port, feed, bench.seconds, 201, wrap=True)
    bench.figures.add("hello_rps", load.rate)


def _measure_baseline(bench: Bench, feed: Feed) -> None:
    load = bench.driver.load(bench.baseline_port, feed, bench.seconds, 201)
    bench.visited_baseline += load.total
    bench.figures.add("baseline_rps", load.rate)


def _measure_leanest(bench: Bench, feed: Feed) -> None:
    load = bench.driver.load(bench.leanest_port, feed, bench.seconds, 201)
    bench.visited_leanest += load.total
    bench.figures.add("leanest_rps", load.rate)


def _measure_pgbench(bench: Bench, _feed: Feed) -> None:
    if bench.pgbench is not None:
        rate = run_pgbench(bench.pgbench, bench.server.postgres, bench.folder, bench.seconds)
        bench.figures.add("pgbench_tps", rate)


def _measure_ours(bench: Bench, feed: Feed, numbers: range) -> None:
    """First activations, then the same devices again, then their certificates."""
    port, driver, figures = bench.server.port, bench.driver, bench.figures
    first = driver.load(port, feed, bench.seconds, 201)
    bench.visited += first.total
    figures.add("activation_rps", first.rate)
    again = _keep(bench, "again", feed.visited(first.issued))
    figures.add("reactivation_rps", driver.load(port, again, bench.seconds, 200).rate)
    hot = _keep(bench, "hot", feed.visited(first.issued)[-HOT:])
    figures.add("reactivation_hot_rps", driver.load(port, hot, bench.seconds, 200, wrap=True).rate)
    visited = [number for part, count in enumerate(first.issued) for number in numbers[part::PARTS][:count]]
    renewals = _make_renewals(bench, feed.visited(first.issued), visited)
    figures.add("renewal_rps", driver.load(port, renewals, bench.seconds, 200).rate)
    hot = _make_renewals(bench, feed.visited(first.issued)[-HOT:], visited[-HOT:])
    figures.add("renewal_hot_rps", driver.load(port, hot, bench.seconds, 200, wrap=True).rate)
    proved = _make_proved_renewals(bench, visited)
    figures.add("proved_renewal_rps", driver.load(port, proved, bench.seconds, 200).rate)


def _make_renewals(bench: Bench, requests: Sequence[bytes], visited: Sequence[int]) -> Feed:
    """Fetch the visited devices' certificates (the same bytes again), prove a sample, and show them all."""
    answers = _fetch(bench, requests)
    proved = prove_sample(answers, bench.server.roots, bench.server.seeded.product)
    checks = bench.figures.checks
    checks["certificates_verified"] = checks.get("certificates_verified", 0) + proved
    pairs = zip(visited, answers, strict=True)
    return _keep(bench, "renewals", (renewal_request(number, one.certificate) for number, one in pairs))


def _make_proved_renewals(bench: Bench, visited: Sequence[int]) -> Feed:
    """Have the visited devices enrol a key each, and show their certificates with a proof of it (D6)."""
    requests = [keyed_activation_request(bench.server.seeded, number) for number in visited]
    pairs = zip(visited, _fetch(bench, requests), strict=True)
    now = int(time.time())
    proved = (proved_renewal_request(number, one.certificate, now) for number, one in pairs)
    return _keep(bench, "proved", proved)


def _fetch(bench: Bench, requests: Sequence[bytes]) -> list[ActivationAnswer]:
    fetched = asyncio.run(collect(bench.server.port, requests))
    return [read_answer(status, body, 200) for status, body in fetched]


def _write(bench: Bench, name: str, numbers: range) -> Feed:
    return _keep(bench, name, (activation_request(bench.server.seeded, number) for number in numbers))


def _keep(bench: Bench, name: str, requests: Iterable[bytes]) -> Feed:
    return write_feed(bench.folder, name, requests, PARTS)
