"""Resellers, and companies with a distribution licence: made, listed, suspended, penalised, ended."""

from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.naming import id_of
from activation.http.reselling.late import client_of
from activation.http.reselling.telling import tell_charge, tell_login, tell_reseller, tell_user
from activation.licensing.identifiers import RESELLER
from activation.licensing.reselling.clients import ResellerKind
from activation.licensing.reselling.terminating import Why
from activation.licensing.verdicts import Refused
from activation.messages.times import to_rfc3339
from activation.service.reselling.agreeing import publish_terms
from activation.service.reselling.joining import NewClient, create_reseller, issue_login
from activation.service.reselling.overdue import reinstate, suspend_late
from activation.service.reselling.penalising import open_penalty
from activation.service.reselling.seeing import see_reseller, see_resellers
from activation.service.reselling.terminating import terminate
from activation.service.working import Work

PAGE = 1000


@click.group()
def resellers() -> None:
    """Resellers, and companies with a distribution licence."""


@resellers.command(name="create")
@click.option("--name", required=True, help="The company's name.")
@click.option("--company", is_flag=True, help="It holds a distribution licence, and may use licences itself.")
@click.option("--discount", type=click.FloatRange(0, 99.99), help="Percent off every price.")
@click.option("--email", default="", help="Where its mails go.")
@as_json
def create(name: str, company: bool, discount: float | None, email: str, json_wanted: bool) -> None:
    """Make a reseller; its owner's login is shown this once."""
    kind = ResellerKind.COMPANY if company else ResellerKind.RESELLER
    percent = None if discount is None else Decimal(str(discount)).quantize(Decimal("0.01"))
    made = do(partial(create_reseller, new=NewClient(name, kind, percent, email)))
    show_one(tell_login(made), json_wanted=json_wanted)


@resellers.command(name="list")
@as_json
def list_all(json_wanted: bool) -> None:
    """List all resellers."""

    async def read(work: Work) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = 0
        while page := await see_resellers(work, after, PAGE):
            rows += [tell_reseller(one, work.now) for one in page]
            after = page[-1].reseller_id
        return rows

    rows = do(read)
    if not json_wanted:
        rows = [
            {name: row[name] for name in ("reseller_id", "name", "kind", "state", "created_at")}
            for row in rows
        ]
    show_rows(rows, json_wanted=json_wanted, empty="There is no reseller yet: activation resellers create.")


@resellers.command(name="show")
@click.argument("reseller_id")
@as_json
def show(reseller_id: str, json_wanted: bool) -> None:
    """Show a reseller, how it stands, and its users."""

    async def read(work: Work) -> dict[str, Any] | Refused:
        seen = await see_reseller(work, id_of(RESELLER, reseller_id))
        if isinstance(seen, Refused):
            return seen
        users = [tell_user(one) for one in seen.users]
        return {**tell_reseller(seen.reseller, work.now), "accepted": seen.accepted, "users": users}

    shown = do(read)
    if not json_wanted:
        shown["users"] = ", ".join(
            f"{one['login']} ({one['role']}, {one['state']})" for one in shown["users"]
        )
        shown["held_for"] = ", ".join(shown["held_for"]) or None
    show_one(shown, json_wanted=json_wanted)


@resellers.command(name="login")
@click.argument("reseller_id")
@click.argument("login")
@as_json
def new_login(reseller_id: str, login: str, json_wanted: bool) -> None:
    """Issue a reseller's user a new password and token; the old ones end."""
    made = do(partial(issue_login, reseller_id=id_of(RESELLER, reseller_id), login=login))
    show_one(tell_login(made), json_wanted=json_wanted)


@resellers.command(name="terms")
@click.option("--version", required=True, help="The name of this version.")
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Text.",
)
@as_json
def terms(version: str, path: Path, json_wanted: bool) -> None:
    """Publish the terms: the first are in force at once, changed ones a month later."""
    body = path.read_text(encoding="utf-8")
    done = do(partial(publish_terms, version=version, body=body, effective_at=None))
    show_one(
        {"version": done.version, "effective_at": to_rfc3339(done.effective_at)}, json_wanted=json_wanted
    )


@resellers.command(name="suspend")
@click.argument("client_id")
@as_json
def suspend(client_id: str, json_wanted: bool) -> None:
    """Suspend a reseller, or a direct client's account, that is 4 days past due."""
    held = do(partial(suspend_late, client=client_of(client_id)))
    show_one({"client": client_id, "suspended_licenses": len(held)}, json_wanted=json_wanted)


@resellers.command(name="reinstate")
@click.argument("client_id")
@as_json
def reinstate_client(client_id: str, json_wanted: bool) -> None:
    """Reinstate a client that has paid all that is due."""
    released = do(partial(reinstate, client=client_of(client_id)))
    show_one({"client": client_id, "reinstated_licenses": len(released)}, json_wanted=json_wanted)


@resellers.command(name="penalty")
@click.argument("reseller_id")
@click.option("--product", required=True, help="The product's code.")
@click.option(
    "--licenses", required=True, type=click.IntRange(1, 100_000), help="How many, wrongly provided."
)
@click.option("--note", required=True, help="What happened.")
@as_json
def penalty(reseller_id: str, product: str, licenses: int, note: str, json_wanted: bool) -> None:
    """Open a penalty: twice the retail price of each licence, due in 2 weeks."""
    whose = id_of(RESELLER, reseller_id)
    charge = do(partial(open_penalty, reseller_id=whose, product=product, licenses=licenses, note=note))
    show_one(tell_charge(charge), json_wanted=json_wanted)


@resellers.command(name="terminate")
@click.argument("reseller_id")
@click.option("--why", required=True, type=click.Choice([why.value for why in Why]))
@click.option("--note", required=True, help="In a few words.")
@click.confirmation_option(prompt="Logins close and the pool is forfeited, for good. Go on?")
@as_json
def end(reseller_id: str, why: str, note: str, json_wanted: bool) -> None:
    """End an agreement; what was assigned goes on working without resets and updates."""
    done = do(partial(terminate, reseller_id=id_of(RESELLER, reseller_id), why=Why(why), note=note))
    shown = {
        "reseller_id": reseller_id,
        "forfeited": done.forfeited,
        "cancelled": done.cancelled,
        "orphaned": done.orphaned,
        "revoked": done.revoked,
    }
    show_one(shown, json_wanted=json_wanted)
