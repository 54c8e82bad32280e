"""The pepper's versions: which there are and what hangs on them, a new one, an old one taken away."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from activation.cli.accounts import on_database
from activation.cli.output import as_json, show_rows
from activation.config import load_settings
from activation.licensing.events import Actor, Event, EventKind
from activation.service.ids import IdSource, new_trace_id
from activation.service.peppering.counting import (
    COSTS,
    KINDS,
    Counts,
    count_by_version,
    what_hangs,
)
from activation.service.provisioning import Keys
from activation.storage.connection import Connection
from activation.storage.events import add_events
from crypto.pepper import DerivedKey, Peppers, assert_old, load_peppers, retire_pepper, rotate_pepper

LEAD_S: Final = 10
"""How long a new version is there for every process to read before the first one uses it."""
_ABOUT: Final = 0


class _BoxKeys:
    def __init__(self, peppers: Peppers) -> None:
        newest = peppers.versions[0]
        self.totp: DerivedKey = newest.derive("totp")
        self.hooks: DerivedKey = newest.derive("hooks")
        self.mail: DerivedKey = newest.derive("mail")


@click.group()
def pepper() -> None:
    """The pepper: the secret outside the database that all keyed digests derive from."""


@pepper.command(name="list")
@as_json
def list_versions(json_wanted: bool) -> None:
    """List the versions, and how much still hangs on each: devices, passwords, tokens, boxes, files."""
    with _refusals():
        peppers = load_peppers(load_settings().pepper_file)
    rows = _rows_of(peppers, _count(peppers))
    show_rows(rows, json_wanted=json_wanted, empty="No pepper yet: activation keys init")


@pepper.command()
@click.option(
    "--after",
    "lead_s",
    type=click.IntRange(min=0),
    default=LEAD_S,
    show_default=True,
    help="Seconds until it is used; longer where the file has to be copied to other servers first.",
)
def rotate(lead_s: int) -> None:
    """Add a new version. Running servers take it by themselves; devices move to it as they come by."""
    path = load_settings().pepper_file
    with _refusals():
        newest = rotate_pepper(path, int(time.time()) + lead_s).versions[0]
    click.echo(f"Version {newest.version} is in {path}, and is used in {lead_s} s.")
    click.echo("Back the file up now: without it no device and no password is known any more.")
    _tell({"version": newest.version, "done": "rotated"})


@pepper.command()
@click.option("--version", required=True, type=int, help="The old version to take away.")
@click.option("--force", is_flag=True, help="Even if something still hangs on it; says what that costs.")
def retire(version: int, force: bool) -> None:
    """Take an old version away for good; refused while anything still hangs on it."""
    path = load_settings().pepper_file
    with _refusals():
        peppers = load_peppers(path)
        assert_old(peppers, version, int(time.time()))
    hangs = what_hangs(_count(peppers), version)
    costs = [f"{many} {what.replace('_', ' ')} {COSTS[what]}" for what, many in hangs.items()]
    if costs and not force:
        raise click.ClickException(
            f"something still hangs on version {version}. With --force: {'; '.join(costs)}."
        )
    retire_pepper(path, version, int(time.time()))
    _tell({"version": version, "done": "retired", "lost": hangs})
    click.echo(f"Version {version} is gone.")
    for cost in costs:
        click.echo(f"Warning: {cost}.", err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    """End with what is wrong with the file, or with the version that was named."""
    try:
        yield
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None


def _count(peppers: Peppers) -> Counts:
    async def count(connection: Connection, _keys: Keys) -> Counts:
        return await count_by_version(connection, _BoxKeys(peppers), int(time.time()))

    return on_database(count)


def _rows_of(peppers: Peppers, counts: Counts) -> list[dict[str, Any]]:
    now, known = int(time.time()), {one.version for one in peppers}
    in_use = peppers.in_use(now).version
    devices = sum(by_kind["devices"] for by_kind in counts.values())
    rows = []
    for version in sorted(known | set(counts), reverse=True):
        by_kind = counts.get(version, dict.fromkeys(KINDS, 0))
        state = "in use" if version == in_use else "next" if version > in_use else "old"
        share = f"{100 * by_kind['devices'] / devices:.1f} %" if devices else None
        rows.append(
            {"version": version, "state": state if version in known else "gone", "share": share, **by_kind}
        )
    return rows


def _tell(details: dict[str, Any]) -> None:
    async def tell(connection: Connection, _keys: Keys) -> None:
        await add_events(connection, [_event(details)])

    on_database(tell)


def _event(details: dict[str, Any]) -> Event:
    return Event(
        _ABOUT,
        IdSource().new(0),
        EventKind.PEPPER_ROTATED,
        Actor.SYSTEM,
        "D5",
        new_trace_id(),
        details=json.dumps(details),
    )
