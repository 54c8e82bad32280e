"""Accounts and key folders for the tests, made faster than by the command line."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from acceptance_api import Account
from acceptance_server import RealServer

from activation.licensing.identifiers import LICENSE, to_text
from activation.service.ids import IdSource
from activation.service.provisioning import Keys, grant_licenses, make_account
from crypto.pepper import load_pepper

MakeAccount = Callable[..., Awaitable[Account]]


def account_maker(server: RealServer, connection: asyncpg.Connection) -> MakeAccount:
    pepper = load_pepper(server.folder / "pepper.json")
    keys, ids = Keys(pepper.derive("passwords"), pepper.derive("totp")), IdSource()

    async def make(seats: int = 1, *, rolled_out: bool = False, major: int = 5) -> Account:
        made = await make_account(connection, keys, ids, rolled_out=rolled_out)
        given = await grant_licenses(connection, ids, made.account_id, 1, major, seats) if seats else []
        licenses = tuple(to_text(LICENSE, one) for one in given)
        return Account(made.login, made.password, licenses, made.activation_password)

    return make


def copy_keys(source: Path, target: Path) -> None:
    """Copy what makes a server this server: keys and pepper."""
    for name in ("keys", "offline-roots"):
        shutil.copytree(source / name, target / name)
    shutil.copy2(source / "pepper.json", target)
