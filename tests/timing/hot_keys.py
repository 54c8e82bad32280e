"""What a limit costs: `python -m tests.timing.hot_keys --keys 10000 --requests 50000`.

Two figures on a PostgreSQL of its own that loses nothing, with so many keys, all in use: `statement_us`
for a key in one statement of all of them, and `request_us` for a request that spends one of them at random,
with 256 under way in one worker, as they come at a server. Prints what it measures, and as its last line one
JSON object. Ends with status 1 past --most microseconds (50).
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from activation.service.clock import Clock
from activation.service.limiting.limiter import Claim, Limiter
from activation.storage.allowances import Asked, Limit, spend_allowances
from activation.storage.connection import Pool
from activation.storage.embedded import EmbeddedPostgres
from activation.storage.migrations.running import migrate
from activation.storage.pool import close_pool, open_pool

LIMIT = Limit("hot", 30, 120.0)
UNDER_WAY = 256


async def time_statement(pool: Pool, keys: int, rounds: int) -> float:
    """Return the median microseconds for a key, all keys in one statement; each is there already."""
    asked = [Asked(b"hot %d" % n, LIMIT) for n in range(keys)]
    async with pool.acquire() as connection:
        await spend_allowances(connection, asked)
        took = []
        for _ in range(rounds):
            random.shuffle(asked)
            began = time.perf_counter()
            await spend_allowances(connection, asked)
            took.append((time.perf_counter() - began) * 1e6 / keys)
    return statistics.median(took)


async def time_requests(pool: Pool, keys: int, requests: int) -> float:
    """Return the microseconds for a request, so many under way at a time, each on one of the keys."""
    limiter = Limiter(pool, bytes(32), Clock())
    claims = [[Claim(f"subject {n}", LIMIT)] for n in range(keys)]
    await _spend(limiter, iter(claims))
    chosen = iter(random.choices(claims, k=requests))
    began = time.perf_counter()
    await _spend(limiter, chosen)
    return (time.perf_counter() - began) * 1e6 / requests


async def _spend(limiter, claims):
    async def client():
        for claim in claims:
            await limiter.spend(claim)

    await asyncio.gather(*(client() for _ in range(UNDER_WAY)))


async def measure(dsn: str, keys: int, requests: int, rounds: int) -> dict[str, float]:
    pool = await open_pool(dsn, 4)
    try:
        statement_us = await time_statement(pool, keys, rounds)
        print(f"{keys} keys in one statement: {statement_us:.1f} us each", flush=True)
        request_us = await time_requests(pool, keys, requests)
        print(
            f"{requests} requests on {keys} keys, {UNDER_WAY} at a time: {request_us:.1f} us each", flush=True
        )
    finally:
        await close_pool(pool)
    return {"keys": keys, "statement_us": round(statement_us, 1), "request_us": round(request_us, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.timing.hot_keys", description=__doc__)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--most", type=float, default=50.0, help="microseconds that either may take")
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hot-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as server,
    ):
        dsn = server.start()
        migrate(dsn)
        figures = asyncio.run(measure(dsn, wanted.keys, wanted.requests, wanted.rounds))
    print(json.dumps(figures))
    sys.exit(max(figures["statement_us"], figures["request_us"]) > wanted.most)


if __name__ == "__main__":
    main()
