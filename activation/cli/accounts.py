"""Accounts and licences, made by hand on the server's machine."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from activation.cli.output import as_json, show_one
from activation.config import load_settings
from activation.service.ids import IdSource
from activation.service.provisioning import Keys, make_account
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.lending import lend
from activation.storage.migrations.checking import assert_migrated
from activation.storage.peppers import note_pepper
from activation.storage.pool import close_pool, open_pool
from activation.supervising.database import open_database
from crypto.pepper import load_peppers

T = TypeVar("T")


@click.group()
def accounts() -> None:
    """End-user accounts."""


@accounts.command(name="create")
@click.option("--login", help="Login; a random one unless given.")
@click.option("--name", default="", help="The person's or company's name.")
@click.option("--email", default="", help="Where mails go.")
@click.option("--rolled-out", is_flag=True, help="Also make an activation password, for many machines.")
@as_json
def create_account(login: str | None, name: str, email: str, rolled_out: bool, json_wanted: bool) -> None:
    """Make an account; its passwords are shown this once."""
    personal = {PersonalField.NAME: name, PersonalField.EMAIL: email}

    async def make(connection: Connection, keys: Keys) -> Any:
        return await make_account(
            connection, keys, IdSource(), login=login, personal=personal, rolled_out=rolled_out
        )

    made = on_database(make)
    shown = {"login": made.login, "password": made.password, "activation_password": made.activation_password}
    show_one(shown, json_wanted=json_wanted)


def on_database(act: Callable[[Connection, Keys], Awaitable[T]]) -> T:
    """Run `act` on a connection to the configured database, with the keys that provisioning needs."""
    settings = load_settings()
    pepper = load_peppers(settings.pepper_file).in_use(int(time.time()))
    keys = Keys(pepper.derive("passwords"), pepper.derive("totp"))

    async def run(dsn: str) -> T:
        pool = await open_pool(dsn, 1, name="activation-cli")
        try:
            async with lend(pool) as connection:
                await note_pepper(connection, pepper.version)
                return await act(connection, keys)
        finally:
            await close_pool(pool)

    with open_database(settings) as database:
        assert_migrated(database.dsn)
        return asyncio.run(run(database.dsn))
