"""Mails and webhooks on the command line: what waits, what is dead, and sending it after all."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.telling_messages import tell_delivery, tell_hook, tell_mail
from activation.licensing.identifiers import HOOK, MAIL, MESSAGE, from_text
from activation.licensing.verdicts import Refused
from activation.service.hooking.registering import (
    add_hook,
    list_hooks,
    retry_dead_mail,
    retry_delivery,
    stop_hook,
)
from activation.service.messages_sent import Sending, list_deliveries, list_mails
from activation.service.working import Work

_STATES = click.Choice([state.value for state in Sending])
_state = click.option("--state", type=_STATES, default="dead", show_default=True, help="Which ones.")


@click.group()
def mails() -> None:
    """Mails that wait, were sent, or are dead."""


@mails.command(name="list")
@_state
@as_json
def show_mails(state: str, json_wanted: bool) -> None:
    """List the newest hundred of a state: to whom by number, never by address."""
    rows = [tell_mail(one) for one in do(partial(list_mails, state=Sending(state)))]
    show_rows(rows, json_wanted=json_wanted, empty=f"No mail is {state}.")


@mails.command(name="retry")
@click.argument("mail_id")
def try_mail_again(mail_id: str) -> None:
    """Have a dead mail tried again from the beginning."""

    async def run(work: Work) -> str | Refused:
        return await retry_dead_mail(work, from_text(MAIL, mail_id) or 0) or mail_id

    click.echo(f"{do(run)} waits to be sent.")


@click.group()
def hooks() -> None:
    """Webhooks to the vendor's own systems."""


@hooks.command(name="list")
@as_json
def show_hooks(json_wanted: bool) -> None:
    """List all webhooks."""
    found = [tell_hook(hook) for hook in do(list_hooks)]
    show_rows(
        [_row(one, json_wanted) for one in found], json_wanted=json_wanted, empty="There is no webhook."
    )


@hooks.command(name="add")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, help="Which messages; repeat it for more. All unless given.")
@as_json
def add(url: str, kinds: Sequence[str], json_wanted: bool) -> None:
    """Add a webhook; the secret that its receiver verifies with is shown this once."""
    made = do(partial(add_hook, url=url, kinds=kinds or ["*"]))
    show_one({**_row(tell_hook(made.hook), json_wanted), "secret": made.secret}, json_wanted=json_wanted)


@hooks.command(name="stop")
@click.argument("hook_id")
def stop(hook_id: str) -> None:
    """Deliver nothing more to a webhook."""

    async def run(work: Work) -> str | Refused:
        return await stop_hook(work, from_text(HOOK, hook_id) or 0) or hook_id

    click.echo(f"{do(run)} is stopped.")


@hooks.command(name="deliveries")
@_state
@as_json
def show_deliveries(state: str, json_wanted: bool) -> None:
    """List the newest hundred deliveries of a state."""
    found = do(partial(list_deliveries, state=Sending(state)))
    show_rows(
        [tell_delivery(one) for one in found], json_wanted=json_wanted, empty=f"No delivery is {state}."
    )


@hooks.command(name="retry")
@click.argument("message_id")
@click.argument("hook_id")
def try_delivery_again(message_id: str, hook_id: str) -> None:
    """Have a dead letter delivered after all."""

    async def run(work: Work) -> str | Refused:
        ids = from_text(MESSAGE, message_id) or 0, from_text(HOOK, hook_id) or 0
        return await retry_delivery(work, *ids) or message_id

    click.echo(f"{do(run)} waits to be delivered.")


def _row(told: dict[str, Any], json_wanted: bool) -> dict[str, Any]:
    return told if json_wanted else {**told, "kinds": " ".join(told["kinds"])}
