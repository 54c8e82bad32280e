"""The licensor's staff from the command line, which acts as the system: the first admin is made here."""

from collections.abc import Awaitable, Callable
from functools import partial

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.naming import id_of
from activation.http.telling_people import tell_made, tell_member, tell_token
from activation.licensing.identifiers import TOKEN
from activation.licensing.roles import STAFF, Role
from activation.licensing.verdicts import Refused
from activation.service.identity.staffing import (
    Member,
    NewMember,
    Token,
    change_email,
    change_role,
    find_person,
    make_person,
    reinstate_person,
    reset_factor,
    revoke_token,
    see_people,
    see_tokens,
    suspend_person,
)
from activation.service.working import Work

ROLE = click.Choice(sorted(role.value for role in STAFF))


@click.group()
def staff() -> None:
    """The licensor's staff: made, suspended, reinstated, given another role."""


@staff.command(name="list")
@as_json
def list_all(json_wanted: bool) -> None:
    """List all of staff, suspended ones too."""
    rows = [tell_member(one) for one in do(see_people)]
    columns = ("login", "role", "state", "second_factor", "has_email", "created_at")
    shown = rows if json_wanted else [{name: row[name] for name in columns} for row in rows]
    show_rows(shown, json_wanted=json_wanted, empty="There is nobody: activation staff make --role admin.")


@staff.command(name="make")
@click.option("--role", required=True, type=ROLE)
@click.option("--login", help="Login; a random one unless given.")
@click.option("--email", default="", help="Where mails go, such as links to a new password.")
@as_json
def make(role: str, login: str | None, email: str, json_wanted: bool) -> None:
    """Make a person of staff. The password is shown this once, the second factor set up at first sign-in."""
    made = do(partial(make_person, new=NewMember(Role(role), login, email)))
    show_one(tell_made(made), json_wanted=json_wanted)


@staff.command(name="suspend")
@click.argument("login")
@as_json
def suspend(login: str, json_wanted: bool) -> None:
    """Let somebody in no more; sessions and tokens end at once. The last active admin stays."""
    _change(login, suspend_person, json_wanted=json_wanted)


@staff.command(name="reinstate")
@click.argument("login")
@as_json
def reinstate(login: str, json_wanted: bool) -> None:
    """Let somebody in again."""
    _change(login, reinstate_person, json_wanted=json_wanted)


@staff.command(name="role")
@click.argument("login")
@click.argument("role", type=ROLE)
@as_json
def role(login: str, role: str, json_wanted: bool) -> None:
    """Give somebody another role; their sessions end."""
    _change(login, partial(change_role, role=Role(role)), json_wanted=json_wanted)


@staff.command(name="email")
@click.argument("login")
@click.argument("email")
@as_json
def email(login: str, email: str, json_wanted: bool) -> None:
    """Write where somebody's mails go, such as links to a new password."""
    _change(login, partial(change_email, email=email), json_wanted=json_wanted)


@staff.command(name="reset-factor")
@click.argument("login")
@as_json
def forget_factor(login: str, json_wanted: bool) -> None:
    """Have somebody set up the second factor anew at the next sign-in: a lost phone."""
    _change(login, reset_factor, json_wanted=json_wanted)


@staff.command(name="tokens")
@click.argument("login")
@click.option("--revoke", "token_id", help="End this one first.")
@as_json
def tokens(login: str, token_id: str | None, json_wanted: bool) -> None:
    """List somebody's tokens: what they are for, until when, when last used."""

    async def read(work: Work) -> tuple[list[Token], int] | Refused:
        staff_id = await find_person(work, login)
        if token_id is not None:
            ended = await revoke_token(work, staff_id, id_of(TOKEN, token_id))
            if isinstance(ended, Refused):
                return ended
        seen = await see_tokens(work, staff_id)
        return seen if isinstance(seen, Refused) else (seen, work.now)

    seen, now = do(read)
    rows = [tell_token(one, now) for one in seen]
    if not json_wanted:
        rows = [{**row, "scopes": " ".join(row["scopes"] or ["all"])} for row in rows]
    show_rows(rows, json_wanted=json_wanted, empty="This person has no tokens.")


def _change(
    login: str, change: Callable[[Work, int], Awaitable[Member | Refused]], *, json_wanted: bool
) -> None:
    async def run(work: Work) -> Member | Refused:
        return await change(work, await find_person(work, login))

    show_one(tell_member(do(run)), json_wanted=json_wanted)
