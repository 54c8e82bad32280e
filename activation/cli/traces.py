"""Why something was refused: traces, by the id that was read out on the phone, or by account."""

from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.traces import tell_outline, tell_trace
from activation.licensing.verdicts import Refused
from activation.service.tracing.seeing import see_trace, see_traces_of
from activation.service.working import Work


@click.group()
def traces() -> None:
    """Refusals of the last 30 days: every rule that was weighed, in order."""


@traces.command()
@click.argument("trace_id", nargs=-1, required=True)
@as_json
def show(trace_id: tuple[str, ...], json_wanted: bool) -> None:
    """Show what was weighed for the refusal of this id; case, blanks and misread letters are forgiven."""

    async def see(work: Work) -> Any:
        seen = await see_trace(work, "".join(trace_id))
        return seen if isinstance(seen, Refused) else tell_trace(seen)

    told = do(see)
    if json_wanted:
        show_one(told, json_wanted=True)
        return
    weighed = told.pop("weighed")
    show_one(told, json_wanted=False)
    show_rows([_flat(one) for one in weighed], json_wanted=False, empty="Nothing was weighed.")


@traces.command(name="list")
@click.option("--account", "login", required=True, help="Login of the account that was refused.")
@as_json
def list_them(login: str, json_wanted: bool) -> None:
    """List an account's refusals, the newest first."""

    async def see(work: Work) -> Any:
        found = await see_traces_of(work, login)
        return found if isinstance(found, Refused) else [tell_outline(one) for one in found]

    show_rows(do(see), json_wanted=json_wanted, empty="There is none.")


def _flat(weighed: dict[str, Any]) -> dict[str, Any]:
    """For a terminal: facts as words, those that say nothing left out."""
    facts = ", ".join(
        f"{name} {fact}" for name, fact in weighed["facts"].items() if fact not in (None, [], {})
    )
    return {**weighed, "facts": facts}
