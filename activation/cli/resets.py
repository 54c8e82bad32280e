"""Staff's resets: made, approved, declined and undone in a named person's name, and what they leave open."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import click
import msgspec

from activation.cli.acting import do, told
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.answering_resets import answer_exposure, answer_overridden, answer_overrides
from activation.licensing.identifiers import LICENSE, RESET, from_text
from activation.licensing.overriding import OverrideState
from activation.licensing.roles import Act
from activation.licensing.verdicts import Filed, Refused
from activation.messages.requests import REASONS
from activation.service.on_behalf import speak_for
from activation.service.resetting.approving import approve, decline
from activation.service.resetting.exposure import Shown, see_exposure
from activation.service.resetting.overrides import Overridden
from activation.service.resetting.staff_resets import ask_replacement, list_resets, reset_by_staff
from activation.service.resetting.undoing import undo
from activation.service.working import Work

T = TypeVar("T")
Run = Callable[[Work], Awaitable[T | Refused]]
_by = click.option("--by", "login", required=True, help="Login of the person of staff whose act this is.")


@click.group()
def resets() -> None:
    """Resets by staff: within bounds, past them with a second person, and undone."""


@resets.command(name="list")
@click.option(
    "--state",
    type=click.Choice([state.name.lower() for state in OverrideState]),
    default="waiting",
    show_default=True,
)
@as_json
def list_them(state: str, json_wanted: bool) -> None:
    """List resets by staff, those that wait for a second person first of all."""

    async def read(work: Work) -> Any:
        return await list_resets(work, OverrideState[state.upper()])

    rows = msgspec.to_builtins(answer_overrides(do(read)).resets)
    show_rows(rows, json_wanted=json_wanted, empty=f"There is no {state} reset.")


@resets.command()
@click.argument("license_id")
@_by
@click.option("--reason", required=True, type=click.Choice(REASONS))
@click.option("--note", required=True, help="Why, in a few words.")
@click.option("--replace", is_flag=True, help="Revoke an offline-activated licence and give another (R2).")
@as_json
def make(license_id: str, login: str, reason: str, note: str, replace: bool, json_wanted: bool) -> None:
    """Free a licence from its device, for a reason."""
    if not note.strip():
        raise click.BadParameter("say in a few words why", param_hint="--note")
    free = ask_replacement if replace else reset_by_staff

    async def run(work: Work) -> Overridden | Filed | Refused:
        return await free(work, _id(LICENSE, license_id), reason, note)

    done = do(_as(login, Act.REPLACE if replace else Act.RESET, run))
    if isinstance(done, Filed):
        told(done.refused)
    elif isinstance(done, Overridden):
        _show(done, json_wanted)


@resets.command(name="approve")
@click.argument("reset_id")
@_by
@as_json
def approve_one(reset_id: str, login: str, json_wanted: bool) -> None:
    """Approve what a colleague asked for."""
    _show(do(_as(login, Act.APPROVE, lambda work: approve(work, _id(RESET, reset_id)))), json_wanted)


@resets.command(name="decline")
@click.argument("reset_id")
@_by
@as_json
def decline_one(reset_id: str, login: str, json_wanted: bool) -> None:
    """Decline what a colleague asked for, or take one's own request back."""
    _show(do(_as(login, Act.APPROVE, lambda work: decline(work, _id(RESET, reset_id)))), json_wanted)


@resets.command(name="undo")
@click.argument("reset_id")
@_by
@as_json
def undo_one(reset_id: str, login: str, json_wanted: bool) -> None:
    """Undo a reset while no new device has activated."""
    _show(do(_as(login, Act.RESET, lambda work: undo(work, _id(RESET, reset_id)))), json_wanted)


@resets.command()
@click.argument("license_id")
@as_json
def exposure(license_id: str, json_wanted: bool) -> None:
    """Show what a reset of this licence would leave open."""

    async def see(work: Work) -> Shown | Refused:
        return await see_exposure(work, _id(LICENSE, license_id))

    show_one(_flat(msgspec.to_builtins(answer_exposure(do(see))), json_wanted), json_wanted=json_wanted)


def _as(login: str, act: Act, run: Run[T]) -> Run[T]:
    async def in_name(work: Work) -> T | Refused:
        named = await speak_for(work, login, act)
        return named if isinstance(named, Refused) else await run(named)

    return in_name


def _id(prefix: str, text: str) -> int:
    return from_text(prefix, text) or 0


def _show(done: Overridden, json_wanted: bool) -> None:
    show_one(_flat(msgspec.to_builtins(answer_overridden(done)), json_wanted), json_wanted=json_wanted)


def _flat(entry: Mapping[str, Any], json_wanted: bool) -> Mapping[str, Any]:
    """For a terminal: members of members beside them, lists as words."""
    if json_wanted:
        return entry
    flat: dict[str, Any] = {}
    for name, one in entry.items():
        if isinstance(one, Mapping):
            flat.update(_flat(one, json_wanted))
        else:
            flat[name] = " ".join(map(str, one)) if isinstance(one, list) else one
    return flat
