"""`activation licenses seed`: very many accounts for load tests, whose logins a program can compute.

Account number n of a run has the login `load-<run>-<n, seven digits>` and as its password the base 32, in
lower case, of BLAKE2b-120(n as 8 bytes, big-endian) keyed with the run's secret.
"""

import asyncio
import sys
import time
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import track

from activation.cli.accounts import on_database
from activation.cli.output import as_json, show_one
from activation.demo.logins import write_private
from activation.demo.seeding import ForeignDatabaseError
from activation.licensing.identifiers import account_of_login, shard_of
from activation.service.ids import IdSource
from activation.service.provisioning import Keys
from activation.storage.connection import Connection
from activation.storage.licenses.seeding import (
    SeededAccount,
    Seeding,
    analyze,
    copy_accounts,
    may_seed,
    product_for_seeding,
)
from crypto.passwords import hash_secret

CHUNK: Final = 20_000
PASSWORD_BYTES: Final = 15


@dataclass(frozen=True, slots=True)
class Run:
    """One seeding: its name in every login, and the secret that all its passwords come from."""

    name: str = field(default_factory=lambda: token_hex(3))
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)

    def login(self, number: int) -> str:
        """Return the login of account `number`."""
        return f"load-{self.name}-{number:07d}"

    def password(self, number: int) -> str:
        """Return the password of account `number`, 120 bits."""
        digest = blake2b(number.to_bytes(8, "big"), digest_size=PASSWORD_BYTES, key=self.secret).digest()
        return b32encode(digest).decode("ascii").lower()


@click.command()
@click.option("--product", required=True, help="The product's code; it is made when there is none.")
@click.option("--major", required=True, type=click.IntRange(0, 32767), help="Major version covered.")
@click.option("--accounts", required=True, type=click.IntRange(1, 9_999_999), help="How many accounts.")
@click.option("--seats-each", default=1, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--out", type=click.Path(path_type=Path), help="File (mode 0600) for the run and its secret.")
@as_json
def seed(
    product: str, major: int, accounts: int, seats_each: int, out: Path | None, json_wanted: bool
) -> None:
    """Fill an empty or a demo's database with accounts for load tests."""
    run = Run()

    async def fill(connection: Connection, keys: Keys) -> None:
        async with connection.transaction():
            if not await may_seed(connection):
                raise ForeignDatabaseError(
                    "This database holds data of its own, so no load-test accounts go into it. "
                    "Use an empty one: another ACTIVATION_DATA_DIR or ACTIVATION_DATABASE_URL."
                )
            product_id = await product_for_seeding(connection, product)
            seeding = Seeding(product_id, major, int(time.time()))
            chunks = _chunks(run, keys, accounts, seats_each)
            chunk = next(chunks, None)
            while chunk is not None:  # the next one is made while the database stores this one
                making = asyncio.create_task(asyncio.to_thread(next, chunks, None))
                await copy_accounts(connection, seeding, chunk)
                chunk = await making
        await analyze(connection)

    on_database(fill)
    _tell(run, out, json_wanted, product=product, major=major, accounts=accounts, seats_each=seats_each)


def _chunks(run: Run, keys: Keys, accounts: int, seats_each: int) -> Iterator[list[SeededAccount]]:
    """Yield all accounts by the thousand, with a progress bar on a terminal."""
    ids = IdSource()
    starts = range(0, accounts, CHUNK)
    console = Console(stderr=True)
    for start in track(starts, "Seeding", console=console, disable=not sys.stderr.isatty(), transient=True):
        numbers = range(start, min(start + CHUNK, accounts))
        yield [_account(run, keys, ids, number, seats_each) for number in numbers]


def _account(run: Run, keys: Keys, ids: IdSource, number: int, seats: int) -> SeededAccount:
    login = run.login(number)
    account_id = account_of_login(login)
    owner_hash = hash_secret(keys.passwords, str(account_id), run.password(number))
    shard = shard_of(account_id)
    return SeededAccount(account_id, login, owner_hash, [ids.new(shard) for _ in range(seats)])


def _tell(run: Run, out: Path | None, json_wanted: bool, **seeded: Any) -> None:
    """Write what a load test needs to a private file, or print it."""
    made = {"run": run.name, "secret": run.secret.hex(), **seeded}
    if out is None:
        show_one(made, json_wanted=json_wanted)
        return
    write_private(out, made)
    told = {name: value for name, value in made.items() if name != "secret"}
    show_one({**told, "file": str(out)}, json_wanted=json_wanted)
