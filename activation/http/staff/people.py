"""The licensor's own people: admins make them, suspend them, give them roles."""

from collections.abc import Awaitable, Callable
from typing import Final

from activation.http.acting import ActRoute, Do
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.telling_people import tell_made, tell_member, tell_token
from activation.licensing.identifiers import STAFF, TOKEN
from activation.licensing.roles import Act, Role
from activation.licensing.verdicts import Refused
from activation.messages import people as messages
from activation.messages.answers import Told
from activation.messages.people import optional
from activation.messages.reselling import Nothing, parse
from activation.service.identity.forgotten import send_link_to_staff
from activation.service.identity.staffing import (
    Member,
    NewMember,
    change_email,
    change_role,
    make_person,
    reinstate_person,
    reset_factor,
    revoke_token,
    see_people,
    see_person,
    see_tokens,
    suspend_person,
)
from activation.service.working import Work


async def get_people(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List all of staff, suspended ones too."""
    return {"people": [tell_member(one) for one in await see_people(work)]}


async def get_person(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell of one person of staff."""
    member = await see_person(work, _named(call))
    return member if isinstance(member, Refused) else tell_member(member)


async def post_person(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make a person of staff; the password is shown this once, the second factor set up at first sign-in."""
    message = parse(messages.NewPerson, body)
    new = NewMember(Role(message.role), optional(message.login), optional(message.email) or "")
    made = await make_person(work, new)
    return made if isinstance(made, Refused) else tell_made(made)


async def post_role(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Give somebody another role; their sessions end."""
    changed = await change_role(work, _named(call), Role(parse(messages.NewRole, body).role))
    return changed if isinstance(changed, Refused) else tell_member(changed)


async def post_email(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Write where somebody's mails go."""
    changed = await change_email(work, _named(call), parse(messages.NewEmail, body).email)
    return changed if isinstance(changed, Refused) else tell_member(changed)


async def get_tokens(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List somebody's tokens, never the tokens themselves."""
    tokens = await see_tokens(work, _named(call))
    return (
        tokens if isinstance(tokens, Refused) else {"tokens": [tell_token(one, work.now) for one in tokens]}
    )


async def post_revoke(work: Work, call: Call, body: bytes) -> Told | Refused:
    """End one of somebody's tokens."""
    parse(Nothing, body)
    token_id = id_of(TOKEN, call.path["token_id"])
    done = await revoke_token(work, _named(call), token_id)
    return done if isinstance(done, Refused) else tell_token(done, work.now)


async def post_password_link(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Have somebody mailed a link to a new password; nobody else sees it."""
    parse(Nothing, body)
    return await send_link_to_staff(work, _named(call)) or {"mailed": True}


def _change(change: Callable[[Work, int], Awaitable[Member | Refused]]) -> Do:
    """Return what does `change` to the person that the path names."""

    async def post(work: Work, call: Call, body: bytes) -> Told | Refused:
        parse(Nothing, body)
        changed = await change(work, _named(call))
        return changed if isinstance(changed, Refused) else tell_member(changed)

    post.__doc__ = change.__doc__
    return post


def _named(call: Call) -> int:
    return id_of(STAFF, call.path["staff_id"])


_PEOPLE: Final = "/v1/staff/people"
_ONE: Final = f"{_PEOPLE}/{{staff_id}}"
ROUTES: Final = (
    ActRoute("GET", _PEOPLE, Act.SEE_STAFF, get_people),
    ActRoute("POST", _PEOPLE, Act.CHANGE_STAFF, post_person, 201, takes=messages.NewPerson),
    ActRoute("GET", _ONE, Act.SEE_STAFF, get_person),
    ActRoute("POST", f"{_ONE}/suspend", Act.CHANGE_STAFF, _change(suspend_person), bodiless=True),
    ActRoute("POST", f"{_ONE}/reinstate", Act.CHANGE_STAFF, _change(reinstate_person), bodiless=True),
    ActRoute("POST", f"{_ONE}/role", Act.CHANGE_STAFF, post_role, takes=messages.NewRole),
    ActRoute("POST", f"{_ONE}/email", Act.CHANGE_STAFF, post_email, takes=messages.NewEmail),
    ActRoute("POST", f"{_ONE}/reset-factor", Act.CHANGE_STAFF, _change(reset_factor), bodiless=True),
    ActRoute("POST", f"{_ONE}/password-link", Act.CHANGE_STAFF, post_password_link, 202, bodiless=True),
    ActRoute("GET", f"{_ONE}/tokens", Act.SEE_STAFF, get_tokens),
    ActRoute("POST", f"{_ONE}/tokens/{{token_id}}/revoke", Act.CHANGE_STAFF, post_revoke, bodiless=True),
)
