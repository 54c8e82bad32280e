"""What people asked for, on the command line, under `activation privacy`."""

from datetime import datetime
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.cli.subscriptions import id_of
from activation.http.privacy.telling import KINDS, OUTCOMES, REGIMES, tell_request
from activation.licensing.calendars import midnight
from activation.licensing.identifiers import REQUEST
from activation.licensing.verdicts import Refused
from activation.service.privacy.persons import account_named
from activation.service.privacy.requesting import (
    KeptRequest,
    Wanted,
    answer,
    ask_for,
    see_requests,
    verify,
)
from activation.service.working import Work

_COLUMNS = ("request_id", "kind", "regime", "state", "asked_at", "due_at", "overdue", "verified_at")


@click.command(name="requests")
@click.option("--state", default="open", show_default=True, type=click.Choice(list(OUTCOMES)))
@click.option("--after", default="", help="The last request of the page before.")
@as_json
def requests(state: str, after: str, json_wanted: bool) -> None:
    """List what people asked for, overdue ones first."""
    last = id_of(REQUEST, after) if after else 0

    async def run(work: Work) -> list[dict[str, Any]] | Refused:
        kept = await see_requests(work, OUTCOMES[state], last)
        return kept if isinstance(kept, Refused) else [tell_request(one, work.now) for one in kept]

    rows = do(run)
    shown = rows if json_wanted else [{name: row[name] for name in _COLUMNS} for row in rows]
    show_rows(shown, json_wanted=json_wanted, empty=f"There is no request that is {state}.")


@click.command(name="ask")
@click.argument("login")
@click.option("--kind", required=True, type=click.Choice(list(KINDS)))
@click.option("--regime", default="gdpr", show_default=True, type=click.Choice(list(REGIMES)))
@click.option("--how", required=True, help="How it came: letter of 3 May.")
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it came, if not today.")
@as_json
def ask(login: str, kind: str, regime: str, how: str, received: datetime | None, json_wanted: bool) -> None:
    """Enter what somebody asked for by letter or mail; LOGIN or the account's id."""

    async def run(work: Work) -> dict[str, Any] | Refused:
        came = None if received is None else midnight(received.date(), work.desk.week.zone)
        wanted = Wanted(KINDS[kind], REGIMES[regime], how, came)
        return await _told(work, ask_for(work, account_named(login), wanted))

    _show(do(run), json_wanted)


@click.command(name="verify")
@click.argument("request_id")
@click.option("--how", required=True, help="How the identity of who asks was verified.")
@as_json
def verify_request(request_id: str, how: str, json_wanted: bool) -> None:
    """Note that the identity of who asks was verified."""
    one = id_of(REQUEST, request_id)
    _show(do(lambda work: _told(work, verify(work, one, how))), json_wanted)


@click.command(name="answer")
@click.argument("request_id")
@click.option("--outcome", required=True, type=click.Choice([name for name in OUTCOMES if name != "open"]))
@click.option("--file", "file", type=click.File("r"), default="-", help="The answer's text; else from stdin.")
@as_json
def answer_request(request_id: str, outcome: str, file: Any, json_wanted: bool) -> None:
    """Answer a request in writing; the answer is kept, and mailed."""
    one, text = id_of(REQUEST, request_id), file.read().strip()
    if not text:
        raise click.UsageError("An answer says something.")
    _show(do(lambda work: _told(work, answer(work, one, OUTCOMES[outcome], text))), json_wanted)


async def _told(work: Work, doing: Any) -> dict[str, Any] | Refused:
    kept: KeptRequest | Refused = await doing
    return kept if isinstance(kept, Refused) else tell_request(kept, work.now)


def _show(told: dict[str, Any], json_wanted: bool) -> None:
    show_one(told, json_wanted=json_wanted)
