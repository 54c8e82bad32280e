"""Erasing, retention, the register and the ledger on the command line, under `activation privacy`."""

import asyncio
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from activation.cli.acting import do, on_desk
from activation.cli.output import as_json, show_one, show_rows
from activation.config import load_settings
from activation.http.staff.erasures import product_codes
from activation.http.staff.telling_erasures import tell_counts, tell_erased, tell_preview, tell_register
from activation.licensing.identifiers import USER, account_of_login, to_text
from activation.licensing.privacy.retention import Counts
from activation.licensing.verdicts import Refused
from activation.service.desk import Desk
from activation.service.privacy.erasing import Erased, erase_account
from activation.service.privacy.forgetting_users import UserKind, erase_user
from activation.service.privacy.ledger import Entry, entries_of, read_entries
from activation.service.privacy.previewing import see_erasure
from activation.service.privacy.reapplying import Applied, apply_ledger
from activation.service.privacy.register import show_register
from activation.service.privacy.retention import count_retention, run_retention
from activation.service.working import Work
from activation.storage.installation import read_database_id
from activation.storage.lending import lend
from activation.storage.privacy.erasures import list_erasures

_OF: Final = {"staff": UserKind.STAFF, "reseller-user": UserKind.RESELLER}
_USERS_DATA: Final = (
    "login, password, second factor, tokens, sessions and personal data go; what was done stays, by number."
)

_FOREIGN: Final = "Left alone, of another database: {}."


@click.command()
@click.argument("login")
@click.option("--preview", is_flag=True, help="Only show what it will end and what is kept.")
@click.option("--shown", metavar="DIGEST", help="Erase without asking, if the preview is still this one.")
@click.option("--of", "whose", type=click.Choice(sorted(_OF)), help="A user's personal data instead.")
@as_json
def erase(login: str, preview: bool, shown: str | None, whose: str | None, json_wanted: bool) -> None:
    """Erase a person: what this ends is shown first, and asked for (G3)."""
    if whose is not None:
        _erase_user(_OF[whose], login, json_wanted, only_look=preview)
        return
    account_id = account_of_login(login)
    if json_wanted and not preview and shown is None:
        raise click.UsageError("Programs look with --preview --json, then confirm with --shown.")
    if shown is None:
        told = do(partial(_preview, account_id=account_id))
        show_one(told if json_wanted else _in_words(told), json_wanted=json_wanted)
        if preview:
            return
        click.confirm("Erase? Nothing brings it back", abort=True, err=True)
        shown = told["shown"]
    done: Erased = do(lambda work: erase_account(work, account_id, shown))
    show_one(tell_erased(done), json_wanted=json_wanted)


async def _preview(work: Work, account_id: int) -> dict[str, Any] | Refused:
    preview = await see_erasure(work, account_id)
    return preview if isinstance(preview, Refused) else tell_preview(preview, product_codes(work))


def _erase_user(kind: UserKind, login: str, json_wanted: bool, *, only_look: bool) -> None:
    click.echo(f"{login}: {_USERS_DATA}", err=True)
    if not only_look:
        click.confirm("Erase? Nothing brings it back", abort=True, err=True)
        erased = do(partial(erase_user, kind=kind, login=login))
        show_one({"erased": to_text(USER, erased)}, json_wanted=json_wanted)


def _in_words(told: dict[str, Any]) -> dict[str, Any]:
    ends = told["ends"]
    words = {
        "ends": f"the account, {ends['licenses']} licences on {ends['devices']} devices,"
        f" {len(ends['subscriptions'])} subscriptions",
        "stays open": ", ".join(f"{one['id']} {one['open']} EUR" for one in told["stays_open"]) or None,
    }
    for number, kept in enumerate(told["keeps"], 1):
        until = kept["until"] or "for good"
        words[f"keeps {number}"] = f"{kept['what']}: {kept['why']}, until {until}"
    return {**words, "shown": told["shown"]}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only count what is due.")
@as_json
def retention(dry_run: bool, json_wanted: bool) -> None:
    """Delete and make anonymous what is due, and show the counts (G2); a job does it every night."""

    async def run(desk: Desk) -> Counts:
        return await (count_retention(desk) if dry_run else run_retention(desk, asyncio.Event()))

    show_rows(tell_counts(on_desk(run)), json_wanted=json_wanted, empty="")


@click.command()
@as_json
def register(json_wanted: bool) -> None:
    """Show what is kept about people, why, on what ground, how long and who sees it (G1)."""
    told = tell_register(show_register(load_settings().keeping))
    if json_wanted:
        show_one(told, json_wanted=True)
        return
    shown = ("column", "says", "kept", "seen_by")
    rows = [
        {**{name: one[name] for name in shown}, "seen_by": ", ".join(one["seen_by"])}
        for one in told["entries"]
    ]
    show_rows(rows, json_wanted=False, empty="")


@click.group()
def ledger() -> None:
    """The ledger of erasures: a file that outlives a restored backup (G5)."""


@ledger.command(name="export")
def export_ledger() -> None:
    """Print the ledger: everybody that the database and the data folder's file name, by number."""
    for entry in on_desk(_gather):
        click.echo(entry.line(), nl=False)


@ledger.command(name="apply")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def apply(file: Path | None, json_wanted: bool) -> None:
    """Erase again whomever the ledger names and the database brought back (FILE: not the folder's own)."""
    entries = None if file is None else list(read_entries(file.read_text("utf-8")))
    applied = on_desk(partial(_apply, entries=entries))
    told = asdict(applied)
    if applied.foreign:
        click.echo(_FOREIGN.format(applied.foreign), err=True)
    show_one(told, json_wanted=json_wanted)


async def _gather(desk: Desk) -> list[Entry]:
    async with lend(desk.pool) as connection:
        database = await read_database_id(connection)
        kept = [Entry(*one, database) for one in await list_erasures(connection)]
    written = desk.erasures.read() if desk.erasures is not None else []
    return list({entry.erased_id: entry for entry in (*kept, *entries_of(database, written))}.values())


async def _apply(desk: Desk, entries: list[Entry] | None) -> Applied:
    if entries is None:
        entries = desk.erasures.read() if desk.erasures is not None else []
    return await apply_ledger(desk, entries)
