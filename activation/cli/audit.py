"""`activation audit`: sealing the log, checking the seals, handing them out, and reading the log."""

import asyncio
import json
from functools import partial
from typing import Any

import click

from activation.cli.acting import do, on_desk, told
from activation.cli.endings import REFUSED
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.telling_audit import read_position, tell_findings, tell_log, tell_seal
from activation.licensing.verdicts import Refused
from activation.service.auditing.adopting import adopt_database
from activation.service.auditing.checking import check_log
from activation.service.auditing.checkpoints import PAGE, list_checkpoints
from activation.service.auditing.findings import Findings
from activation.service.auditing.histories import NEWEST, see_log
from activation.service.auditing.sealing import Pace, seal_events
from activation.service.desk import Desk
from crypto import base64url
from crypto.signing import KEY_BYTES


@click.group()
def audit() -> None:
    """The log of what happened, and the seals over it."""


@audit.command()
@as_json
def seal(json_wanted: bool) -> None:
    """Seal whatever is complete now; a server does so by itself every few seconds."""

    async def run(desk: Desk) -> int | Refused:
        return await seal_events(desk, Pace(), asyncio.Event())

    show_one({"sealed_events": told(on_desk(run))}, json_wanted=json_wanted)


@audit.command()
@click.option(
    "--checkpoints",
    type=click.File(encoding="utf-8"),
    help="Seals that were exported, to compare with; - for standard input.",
)
@click.option(
    "--root", "roots", multiple=True, help="A root's public key to believe, instead of the folder's."
)
@as_json
def verify(checkpoints: Any, roots: tuple[str, ...], json_wanted: bool) -> None:
    """Derive all seals again from the log; exit status 1 when something does not hold."""
    lines = list(checkpoints) if checkpoints is not None else []
    keys = [_read_root(text) for text in roots]
    found = on_desk(partial(_check, lines=lines, roots=keys))
    if json_wanted:
        show_one(tell_findings(found), json_wanted=True)
    else:
        _show_findings(found)
    if not found.holds:
        raise click.exceptions.Exit(REFUSED)


async def _check(desk: Desk, lines: list[str], roots: list[bytes]) -> Findings:
    return await check_log(desk, lines, roots)


def _read_root(text: str) -> bytes:
    try:
        key = base64url.decode(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise click.BadParameter("a root's public key is 32 bytes in base64url", param_hint="--root")
    return key


def _show_findings(found: Findings) -> None:
    click.echo(f"{found.seals} seals over {found.events} events, {found.addresses} addresses.")
    if found.checkpoints:
        click.echo(f"Compared with {found.checkpoints} checkpoints.")
    if found.unsealed:
        click.echo(f"{found.unsealed} events wait for a seal, the oldest for {found.unsealed_s} s.")
    for note in found.notes:
        click.echo(note)
    for problem in found.problems:
        where = "The log" if problem.seal is None else f"Seal {problem.seal}"
        click.echo(f"{where}: {problem.what}", err=True)
    if found.holds:
        click.echo("Everything holds.")
        return
    click.echo(f"{found.problem_count} things do not hold.", err=True)


@audit.command()
@click.option("--after", default=0, show_default=True, type=click.IntRange(0), help="Go on after this seal.")
def export(after: int) -> None:
    """Print the seals as lines of JSON, to be kept where nobody who changes the database can reach."""
    while True:
        rows = do(partial(list_checkpoints, after=after))
        for row in rows:
            click.echo(json.dumps(tell_seal(row)))
        if len(rows) < PAGE:
            return
        after = rows[-1].number


@audit.command()
@click.argument("name", metavar="LICENSE|ACCOUNT|STAFF|USER|LOGIN")
@click.option("--before", metavar="PLACE", help="Go on before this place: the `next_before` of a page.")
@as_json
def show(name: str, before: str | None, json_wanted: bool) -> None:
    """Show what happened to a licence, an account or a person, and what that person did, the newest first."""
    position = NEWEST if before is None else read_position(before)
    if position is None:
        raise click.BadParameter("this is no place in a history", param_hint="--before")
    page = tell_log(do(partial(see_log, name=name, before=position)))
    if json_wanted:
        show_one(page, json_wanted=True)
        return
    show_rows([_row(event) for event in page["events"]], json_wanted=False, empty="Nothing happened.")
    if "next_before" in page:
        click.echo(f"More: --before {page['next_before']}", err=True)


def _row(event: dict[str, Any]) -> dict[str, Any]:
    who = [event["by"], event["role"], event["person_id"]]
    changed = " (changed since)" if event.get("address_changed") else ""
    return {
        "at": event["at"],
        "event": event["event"],
        "about": event["about"],
        "who": " ".join(part for part in who if part),
        "from": (event["address"] or "") + changed,
        "why": " ".join(f"{name}={_short(value)}" for name, value in event["details"].items()),
        "rule": event["rule"],
        "trace": event["trace_id"],
    }


def _short(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@audit.command()
@click.confirmation_option(prompt="Was this database restored on purpose?")
@as_json
def adopt(json_wanted: bool) -> None:
    """Say that a database restored from a dump goes on where the seals ended."""
    adopted = do(adopt_database)
    entry = {"seal": adopted.seal.number, "events": adopted.seal.events, "moved_events": adopted.moved}
    show_one(entry, json_wanted=json_wanted)
