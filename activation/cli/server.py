"""Running the server: serve, migrate, demo, config."""

import asyncio
import signal
from typing import Any

import click

from activation.cli.output import as_json, show_rows
from activation.config import PREFIX, Settings, load_settings
from activation.equipping import add_sealing_key, assert_equipped
from activation.logs import set_up_logs
from activation.storage.migrations.checking import assert_migrated, ensure_migrated
from activation.supervising.database import Database, open_database
from activation.supervising.supervisor import Supervisor


@click.command()
def serve() -> None:
    """Serve until told to stop (Ctrl-C or SIGTERM)."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    assert_equipped(settings)
    if add_sealing_key(settings):
        click.echo("Made a sealing key, for offline activations: activation keys export --sealing.")
    with open_database(settings) as database:
        if database.embedded is not None:
            ensure_migrated(database.dsn)
        assert_migrated(database.dsn)
        asyncio.run(_serve(settings, database))


async def _serve(settings: Settings, database: Database) -> None:
    supervisor = Supervisor(settings, database)
    click.echo(f"Serving on port {supervisor.port} with {settings.workers} workers. Ctrl-C stops.")
    await supervisor.run(stop_on_signals())


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


@click.command()
def migrate() -> None:
    """Bring the database to this release's schema."""
    with open_database(load_settings()) as database:
        click.echo(f"The schema is at {ensure_migrated(database.dsn)}.")


@click.command()
def demo() -> None:
    """Everything at once on this machine: database, demo data, server, and this machine as a softphone."""
    from activation.demo.showing import run_demo  # noqa: PLC0415  (the other commands start faster)

    run_demo(load_settings())


@click.command()
@as_json
def config(json_wanted: bool) -> None:
    """List all settings with their values, and check them."""
    settings = load_settings()
    rows = [_row(settings, name) for name in Settings.model_fields]
    show_rows(rows, json_wanted=json_wanted, empty="")


def _row(settings: Settings, name: str) -> dict[str, Any]:
    value = getattr(settings, name)
    if isinstance(value, tuple):
        value = ", ".join(map(str, value)) or None
    return {
        "variable": PREFIX + name.upper(),
        "value": None if value is None else str(value),
        "meaning": Settings.model_fields[name].description,
    }
