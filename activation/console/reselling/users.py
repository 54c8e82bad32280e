"""The users of one's own reseller account: added, issued a new login, closed (P2)."""

from typing import Final

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.reselling.logins import ButtonForm, UserForm, show_login
from activation.http.calls import Call
from activation.http.naming import own_id
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.service.reselling.joining import close_user, create_user, issue_login
from activation.service.reselling.seeing import see_reseller
from activation.service.working import Work

PATH: Final = "/console/users"


async def see(work: Work, _call: Call) -> Page | Refused:
    """List who may sign in for this account: 200 at most."""
    seen = await see_reseller(work, own_id(work))
    if isinstance(seen, Refused):
        return seen
    return Page("reselling/users.html", "users.title", users=seen.users, path=PATH, own=work.person.login)


async def add(work: Work, _call: Call, form: UserForm) -> Page | Refused:
    """Add a user; the login is shown this once."""
    return show_login(work, await create_user(work, own_id(work), form.role), PATH)


async def issue(work: Work, call: Call, _form: ButtonForm) -> Page | Refused:
    """Issue a user a new login; the old one, its sessions and tokens end."""
    return show_login(work, await issue_login(work, own_id(work), call.path["login"]), PATH)


async def close(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """Close a user's login."""
    closed = await close_user(work, own_id(work), call.path["login"])
    return closed if isinstance(closed, Refused) else SeeOther(PATH, "users.closed", login=closed.login)


_PAGE: Final = PageRoute(PATH, Act.OWN_SEE_USERS, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(PATH, Act.OWN_USERS, UserForm, add, _PAGE),
    FormRoute(f"{PATH}/{{login}}/login", Act.OWN_USERS, ButtonForm, issue, _PAGE),
    FormRoute(f"{PATH}/{{login}}/close", Act.OWN_USERS, ButtonForm, close, _PAGE),
)
