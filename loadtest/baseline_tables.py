"""The database of the baseline and the leanest, in the real one's PostgreSQL, with the same accounts."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import asyncpg

from activation.licensing.identifiers import account_of_login
from crypto.passwords import hash_secret
from crypto.pepper import load_pepper
from loadtest.postgres import Address
from loadtest.seeded import Seeded

DATABASE: Final = "baseline"
_COPY_TIMEOUT_S: Final = 300.0


async def make_baseline(postgres: Address, data_dir: Path, seeded: Seeded) -> str:
    """Make and fill the database; return its DSN."""
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    dsn = postgres.dsn(DATABASE)
    connection = await asyncpg.connect(dsn, command_timeout=_COPY_TIMEOUT_S)
    try:
        await connection.execute(files("loadtest").joinpath("baseline.sql").read_text("utf-8"))
        key = load_pepper(data_dir / "pepper.json").derive("passwords")
        accounts = list(_accounts(seeded, key))
        await connection.copy_records_to_table("account", records=accounts)
        licenses = ((n, row[0], seeded.product, seeded.major) for n, row in enumerate(accounts, start=1))
        await connection.copy_records_to_table("license", records=licenses)
        await connection.execute(files("loadtest").joinpath("leanest.sql").read_text("utf-8"))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return dsn


async def count_baseline(dsn: str) -> tuple[int, int]:
    """Return how many activations the baseline has stored, and how many the leanest."""
    connection = await asyncpg.connect(dsn)
    try:
        plain: int = await connection.fetchval("SELECT count(*) FROM activation")
        leanest: int = await connection.fetchval("SELECT count(*) FROM leanest_event")
    finally:
        await connection.close()
    return plain, leanest


def _accounts(seeded: Seeded, key: bytes) -> Iterator[tuple[int, str, bytes]]:
    for number in range(seeded.accounts):
        login = seeded.login(number)
        account_id = account_of_login(login)
        yield account_id, login, hash_secret(key, str(account_id), seeded.password(number))
