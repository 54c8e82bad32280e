"""The users of a reseller's account: added, issued a new login, closed. Staff and owners do it alike (P2).

Whose users they are is what differs, and how the API's description tells it.
"""

from collections.abc import Callable

from activation.http.acting import Do
from activation.http.calls import Call
from activation.http.reselling.telling import tell_login, tell_user
from activation.licensing.verdicts import Refused
from activation.messages import reselling as messages
from activation.messages.answers import Told
from activation.messages.reselling import parse
from activation.service.reselling.joining import close_user, create_user, issue_login
from activation.service.working import Work

Whose = Callable[[Work, Call], int]
"""Tells whose users a call is about: those of the reseller it names, or of the one whose user calls."""


def add_user_of(whose: Whose, told: str) -> Do:
    """Return what adds a user, and shows the login this once; `told` describes it."""

    async def post_user(work: Work, call: Call, body: bytes) -> Told | Refused:
        made = await create_user(work, whose(work, call), parse(messages.NewUser, body).role)
        return made if isinstance(made, Refused) else tell_login(made)

    post_user.__doc__ = told
    return post_user


def issue_login_of(whose: Whose, told: str) -> Do:
    """Return what issues a user a new login, and ends the old one; `told` describes it."""

    async def post_login(work: Work, call: Call, body: bytes) -> Told | Refused:
        parse(messages.Nothing, body)
        made = await issue_login(work, whose(work, call), call.path["login"])
        return made if isinstance(made, Refused) else tell_login(made)

    post_login.__doc__ = told
    return post_login


def close_user_of(whose: Whose, told: str) -> Do:
    """Return what closes a user's login; `told` describes it."""

    async def post_close(work: Work, call: Call, body: bytes) -> Told | Refused:
        parse(messages.Nothing, body)
        closed = await close_user(work, whose(work, call), call.path["login"])
        return closed if isinstance(closed, Refused) else tell_user(closed)

    post_close.__doc__ = told
    return post_close
