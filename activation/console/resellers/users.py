"""A reseller's users as sales see them: added, issued new login data, closed (P2)."""

from typing import Final

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.reselling.logins import ButtonForm, UserForm, show_login
from activation.http.calls import Call
from activation.http.naming import reseller_of
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.service.reselling.joining import close_user, create_user, issue_login
from activation.service.reselling.seeing import see_reseller
from activation.service.working import Work

PATH: Final = "/console/resellers/{reseller_id}/users"


async def see(work: Work, call: Call) -> Page | Refused:
    """List a reseller's users, and what it accepted."""
    seen = await see_reseller(work, reseller_of(call))
    if isinstance(seen, Refused):
        return seen
    return Page(
        "resellers/users.html",
        "resellers.users",
        title_values={"name": seen.reseller.name},
        reseller=seen.reseller,
        users=seen.users,
        acceptances=seen.acceptances,
        accepted=seen.accepted,
        path=_path(call),
        may_change=may(work.person.role, Act.CHANGE_USERS),
    )


async def add(work: Work, call: Call, form: UserForm) -> Page | Refused:
    """Add a user to a reseller's account; the login is shown this once."""
    return show_login(work, await create_user(work, reseller_of(call), form.role), _path(call))


async def issue(work: Work, call: Call, _form: ButtonForm) -> Page | Refused:
    """Issue a user new login data; the old ones end."""
    return show_login(work, await issue_login(work, reseller_of(call), call.path["login"]), _path(call))


async def close(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """Close a user's login."""
    closed = await close_user(work, reseller_of(call), call.path["login"])
    return (
        closed if isinstance(closed, Refused) else SeeOther(_path(call), "users.closed", login=closed.login)
    )


def _path(call: Call) -> str:
    return f"/console/resellers/{to_text(RESELLER, reseller_of(call))}/users"


_PAGE: Final = PageRoute(PATH, Act.SEE_RESELLERS, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(PATH, Act.CHANGE_USERS, UserForm, add, _PAGE),
    FormRoute(f"{PATH}/{{login}}/login", Act.CHANGE_USERS, ButtonForm, issue, _PAGE),
    FormRoute(f"{PATH}/{{login}}/close", Act.CHANGE_USERS, ButtonForm, close, _PAGE),
)
