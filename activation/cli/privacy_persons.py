"""One person's data on the command line, under `activation privacy`: a copy, corrections, wishes, consent."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import click
import msgspec

from activation.cli.acting import do
from activation.cli.output import as_json, show_one
from activation.http.privacy.telling import tell_consents, tell_wishes
from activation.http.privacy.telling_person import tell_person
from activation.licensing.privacy.consenting import MARKETING, Wishes
from activation.licensing.verdicts import Refused
from activation.messages.person_data import PersonData
from activation.messages.privacy import Correction
from activation.service.privacy.consenting import Said, say
from activation.service.privacy.exporting import PersonPage, export_person
from activation.service.privacy.persons import account_named
from activation.service.privacy.rectifying import rectify
from activation.service.privacy.restricting import lift, object_to_use, restrict, withdraw_objection
from activation.service.working import Work

_WISHES: Final[dict[str, Callable[[Work, int], Awaitable[Wishes | Refused]]]] = {
    "restrict": restrict,
    "lift": lift,
    "object": object_to_use,
    "withdraw-objection": withdraw_objection,
}


@click.command(name="export")
@click.argument("login")
def export(login: str) -> None:
    """Write all that is known of a person as one JSON document (docs/export.md) to stdout."""
    account_id = account_named(login)
    page: PersonPage = do(lambda work: export_person(work, account_id))
    click.echo(_first_part(tell_person(page)), nl=False)
    while page.next_after is not None:
        page = do(partial(export_person, account_id=account_id, after=page.next_after))
        for one in tell_person(page).licenses:
            click.echo(b"," + msgspec.json.encode(one), nl=False)
    click.echo("]}")


def _first_part(page: PersonData) -> bytes:
    """Return a copy up to its last licence: more may follow, then the list and the document are closed."""
    told: dict[str, Any] = msgspec.to_builtins(page)
    told.pop("next_after", None)
    licenses = told.pop("licenses")
    return msgspec.json.encode({**told, "licenses": licenses}).removesuffix(b"]}")


@click.command(name="rectify")
@click.argument("login")
@click.option("--field", "fields", nargs=2, multiple=True, metavar="NAME VALUE", required=True)
@as_json
def rectify_person(login: str, fields: tuple[tuple[str, str], ...], json_wanted: bool) -> None:
    """Correct what is known of a person: name, email, address or phone; an empty value deletes it."""
    given = {name: text or None for name, text in fields}
    try:
        msgspec.convert(given, Correction)
    except msgspec.ValidationError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--field") from None
    told = {name: text or "" for name, text in given.items()}
    changed = do(lambda work: rectify(work, account_named(login), told))
    show_one({"changed": changed if json_wanted else ", ".join(changed)}, json_wanted=json_wanted)


@click.command(name="wish")
@click.argument("login")
@click.argument("wish", type=click.Choice(list(_WISHES)))
@as_json
def wish(login: str, wish: str, json_wanted: bool) -> None:
    """Restrict the use of a person's data, lift that, record an objection, or its end."""
    account_id = account_named(login)
    wishes = do(lambda work: _WISHES[wish](work, account_id))
    show_one(tell_wishes(account_id, wishes), json_wanted=json_wanted)


@click.command(name="consent")
@click.argument("login")
@click.option("--given/--withdrawn", required=True)
@click.option("--version", required=True, help="Of the text that it was said to.")
@click.option("--how", required=True, help="How the person said it.")
@as_json
def consent(login: str, given: bool, version: str, how: str, json_wanted: bool) -> None:
    """Enter consent to marketing, or its withdrawal, that a person told of."""
    said = Said(MARKETING, given, how, version)
    told = tell_consents(do(lambda work: say(work, account_named(login), said)))
    show_one(told if json_wanted else told["marketing"], json_wanted=json_wanted)
