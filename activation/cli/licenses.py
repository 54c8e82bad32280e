"""Licences on the command line: giving, finding, and changing one's standing."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.forks import tell_forks
from activation.http.staff.telling_devices import explain_in_a_line
from activation.http.staff.telling_licenses import tell_given, tell_history, tell_license, tell_page
from activation.licensing.identifiers import ACTIVATION, LICENSE, from_text
from activation.licensing.model import LicenseKind
from activation.licensing.verdicts import Refused
from activation.service.licenses.finding import Seen, find_licenses, see_history
from activation.service.licenses.forks import see_forks
from activation.service.licenses.giving import GIVEN, Gift, Given, give_licenses
from activation.service.licenses.tending import (
    extend_license,
    reinstate_license,
    revoke_license,
    suspend_license,
)
from activation.service.working import Work

_named = click.argument("license_id", metavar="LICENSE")
_note = click.option("--note", required=True, help="Why, in a few words; it is kept.")


@click.group()
def licenses() -> None:
    """Licences of end-user accounts."""


@licenses.command(name="grant")
@click.option("--login", required=True, help="The account's login.")
@click.option("--product", required=True, help="The product's code.")
@click.option("--major", required=True, type=click.IntRange(0, 32767), help="Major version covered.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 10_000))
@click.option(
    "--kind",
    default="perpetual",
    show_default=True,
    type=click.Choice([kind.name.lower() for kind in GIVEN]),
)
@click.option("--devices", type=click.IntRange(1, 1000), help="How many devices. [default: the kind's]")
@as_json
def grant(
    login: str, product: str, major: int, count: int, kind: str, devices: int | None, json_wanted: bool
) -> None:
    """Give an account licences of a product's major version."""
    gift = Gift(product, major, LicenseKind[kind.upper()], count, devices)

    async def give(work: Work) -> Given | Refused:
        if product not in work.desk.catalogue.by_code:
            raise click.BadParameter(f"there is no product {product!r}", param_hint="--product")
        return await give_licenses(work, login, gift)

    _show(tell_given(login, do(give)), json_wanted)


@licenses.command(name="list")
@click.argument("query", default="")
@click.option("--after", default="", metavar="LICENSE", help="Go on after this one.")
@as_json
def list_licenses(query: str, after: str, json_wanted: bool) -> None:
    """Find by login, e-mail, id of licence, activation or account, or a device's name; all without QUERY."""
    page = tell_page(do(partial(find_licenses, query=query, after=license_id_of(after) if after else 0)))
    rows = page["licenses"]
    show_rows(
        rows if json_wanted else [_row(row) for row in rows],
        json_wanted=json_wanted,
        empty="No licence was found.",
    )
    if "next_after" in page and not json_wanted:
        click.echo(f"More: --after {page['next_after']}", err=True)


@licenses.command(name="forks")
@click.option("--after", metavar="ACTIVATION", help="Go on after this one.")
@as_json
def list_forks(after: str | None, json_wanted: bool) -> None:
    """List the devices of whose key a copy showed (D6), while they hold a licence."""
    last = from_text(ACTIVATION, after) if after is not None else 0
    if last is None:
        raise click.BadParameter(f"{after!r} is no activation id", param_hint="--after")
    page = tell_forks(do(partial(see_forks, after=last)))
    shown = ("license_id", "login", "name", "proofs", "forked_at", "told_at")
    rows = [row if json_wanted else {name: row[name] for name in shown} for row in page["forks"]]
    show_rows(rows, json_wanted=json_wanted, empty="No copy of a device's key has shown.")
    if "next_after" in page and not json_wanted:
        click.echo(f"More: --after {page['next_after']}", err=True)


@licenses.command(name="show")
@_named
@as_json
def show_license(license_id: str, json_wanted: bool) -> None:
    """Show a licence and what happened to it, the newest first."""
    told = tell_history(do(partial(see_history, license_id=license_id_of(license_id))))
    if json_wanted:
        show_one(told, json_wanted=True)
        return
    events, notes = told.pop("events"), told.pop("notes")
    _show(told, json_wanted=False)
    for device in told["devices"]:
        click.echo(explain_in_a_line(device["name"] or device["activation_id"], device))
    click.echo()
    show_rows([_event(event) for event in events], json_wanted=False, empty="Nothing happened yet.")
    for noted in notes:
        click.echo(f"{noted['at']}  {noted['staff_id'] or 'command line'}: {noted['note']}")


@licenses.command()
@_named
@_note
@as_json
def suspend(license_id: str, note: str, json_wanted: bool) -> None:
    """Suspend a licence; its device keeps its place."""
    _tend(suspend_license, license_id, note, json_wanted)


@licenses.command()
@_named
@_note
@as_json
def reinstate(license_id: str, note: str, json_wanted: bool) -> None:
    """Take back a suspension by staff."""
    _tend(reinstate_license, license_id, note, json_wanted)


@licenses.command()
@_named
@_note
@as_json
def revoke(license_id: str, note: str, json_wanted: bool) -> None:
    """Revoke a licence for good."""
    _tend(revoke_license, license_id, note, json_wanted)


@licenses.command()
@_named
@_note
@as_json
def extend(license_id: str, note: str, json_wanted: bool) -> None:
    """Let an evaluation last 7 days more, for another corrected build."""
    _tend(extend_license, license_id, note, json_wanted)


def _tend(
    tend: Callable[[Work, int, str], Awaitable[Seen | Refused]], text: str, note: str, json_wanted: bool
) -> None:
    if not note.strip():
        raise click.BadParameter("say in a few words why", param_hint="--note")
    seen = do(lambda work: tend(work, license_id_of(text), note))
    _show(tell_license(seen), json_wanted)


def license_id_of(text: str) -> int:
    """Return the licence that a text names; any other text is a usage error."""
    license_id = from_text(LICENSE, text)
    if license_id is None:
        raise click.BadParameter(f"{text!r} is no licence id, which is like lic_0c5n8v2k7qhwm")
    return license_id


def _row(told: dict[str, Any]) -> dict[str, Any]:
    """Return what fits into 80 columns with the id whole; `show` and JSON tell all."""
    devices = ", ".join(
        (device["name"] or device["activation_id"]) + ("" if device["online"] else " (offline)")
        for device in told["devices"]
    )
    return {
        "license_id": told["license_id"],
        "login": told["login"],
        "product": f"{told['product']} {told['major']}",
        "kind": told["kind"],
        "state": told["state"],
        "moves": told["moves"],
        "devices": devices,
    }


def _event(told: dict[str, Any]) -> dict[str, Any]:
    details = ", ".join(f"{name} {value}" for name, value in told["details"].items())
    return {name: told[name] for name in ("at", "event", "by", "rule", "trace_id")} | {"details": details}


def _show(told: dict[str, Any], json_wanted: bool) -> None:
    show_one(
        told if json_wanted else {name: _plain(one) for name, one in told.items()}, json_wanted=json_wanted
    )


def _plain(told: Any) -> Any:
    if isinstance(told, list):
        return (
            " ".join(
                one.get("name") or one["activation_id"] if isinstance(one, dict) else one for one in told
            )
            or None
        )
    if isinstance(told, dict):
        return ", ".join(f"{name} {one}" for name, one in told.items() if one is not None)
    return told
