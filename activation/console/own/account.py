"""One's own account: the way to password, second factor, recovery codes, tokens and sessions."""

from typing import Final
from urllib.parse import urlencode

from activation.console.open_pages import OpenPage
from activation.console.outcomes import Page, SeeOther
from activation.console.showing import SIGN_IN
from activation.http.calls import Call
from activation.http.cookies import session_token_of
from activation.licensing.identity.sessions import Stage
from activation.licensing.roles import Role
from activation.service.identity.entering import Entered
from activation.service.identity.own_sessions import see_session

PATH: Final = "/console/own"


async def see(call: Call) -> Page | SeeOther:
    """Show how one gets in: with what, from where, and what else gets in by one's name."""
    session = await signed_in(call, PATH)
    if isinstance(session, SeeOther):
        return session
    person = session.person
    is_end_user = person.role is Role.END_USER  # who has an account of licences, too, by that name
    return Page(
        "own/account.html",
        "own.end_user_title" if is_end_user else "own.title",
        login=person.login,
        role=person.role,
        is_end_user=is_end_user,
        codes_left=session.codes_left,
    )


async def signed_in(call: Call, here: str) -> Entered | SeeOther:
    """Return the session of who is signed in, or the way to signing in and back."""
    token = session_token_of(call)
    seen = await see_session(call.desk, call.caller(), token) if token is not None else None
    if isinstance(seen, Entered) and seen.stage is Stage.SIGNED_IN:
        return seen
    return SeeOther(f"{SIGN_IN}?{urlencode({'next': here})}")


OPEN_ROUTES: Final = (OpenPage(PATH, see, is_named=True),)
