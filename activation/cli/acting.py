"""How a command acts: it opens the database and runs a use case as the system itself, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from activation.app import open_desk
from activation.cli.endings import LATER, REFUSED
from activation.config import load_settings
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Desk
from activation.service.working import Work, act_as_system
from activation.storage.migrations.checking import assert_migrated
from activation.supervising.database import open_database

Done = TypeVar("Done")

_TEMPORARY = frozenset({Refusal.UNAVAILABLE, Refusal.OVERLOADED, Refusal.RATE_LIMITED})


def do(run: Callable[[Work], Awaitable[Done | Refused]]) -> Done:
    """Run a use case and return what it answers; a refusal goes to stderr and ends the command with 1."""

    async def act(desk: Desk) -> Done | Refused:
        return await act_as_system(desk, run)

    return told(on_desk(act))


def on_desk(act: Callable[[Desk], Awaitable[Done]]) -> Done:
    """Run `act` at a desk on the configured database: for what takes many transactions."""
    settings = load_settings()

    async def run(dsn: str) -> Done:
        async with open_desk(settings, dsn) as desk:
            return await act(desk)

    with open_database(settings) as database:
        assert_migrated(database.dsn)
        return asyncio.run(run(database.dsn))


def told(done: Done | Refused) -> Done:
    """Return what was done; a refusal goes to stderr and ends the command."""
    if isinstance(done, Refused):
        click.echo(f"Refused ({done.code}, {done.rule}): {done.detail}", err=True)
        raise click.exceptions.Exit(LATER if done.code in _TEMPORARY else REFUSED)
    return done
