"""One of the licensor's own people: role, mails, second factor, tokens, in or out."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.oversight.staff import PATH, roles_to_choose
from activation.console.pages import Do, FormRoute, PageRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import STAFF, TOKEN
from activation.licensing.roles import Act, Role, may
from activation.licensing.verdicts import Refused
from activation.messages.people import NewEmail, NewRole
from activation.service.identity.forgotten import send_link_to_staff
from activation.service.identity.staffing import (
    Member,
    change_email,
    change_role,
    reinstate_person,
    reset_factor,
    revoke_token,
    see_person,
    see_tokens,
    suspend_person,
)
from activation.service.working import Work


class ButtonForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see(work: Work, call: Call) -> Page | Refused:
    """Show somebody of staff, and what an admin may do about them."""
    member = await see_person(work, _named(call))
    if isinstance(member, Refused):
        return member
    tokens = await see_tokens(work, member.staff_id)
    return Page(
        "oversight/person.html",
        "staff.one_title",
        title_values={"login": member.login},
        member=member,
        tokens=[] if isinstance(tokens, Refused) else tokens,
        now=work.now,
        roles=[one for one in roles_to_choose() if one[0] != member.role],
        is_oneself=member.staff_id == work.person.person_id,
        may_change=may(work.person.role, Act.CHANGE_STAFF),
    )


async def post_role(work: Work, call: Call, form: NewRole) -> SeeOther | Refused:
    """Give somebody another role; their sessions and tokens end."""
    changed = await change_role(work, _named(call), Role(form.role))
    return changed if isinstance(changed, Refused) else _back(call, "staff.role_changed")


async def post_email(work: Work, call: Call, form: NewEmail) -> SeeOther | Refused:
    """Write where somebody's mails go."""
    changed = await change_email(work, _named(call), form.email)
    return changed if isinstance(changed, Refused) else _back(call, "staff.email_changed")


async def post_password_link(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """Have somebody mailed a link to a new password; nobody else sees it."""
    return await send_link_to_staff(work, _named(call)) or _back(call, "staff.link_sent")


async def post_revoke(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """End one of somebody's tokens."""
    done = await revoke_token(work, _named(call), id_of(TOKEN, call.path["token_id"]))
    return done if isinstance(done, Refused) else _back(call, "staff.token_revoked")


def _change(change: Callable[[Work, int], Awaitable[Member | Refused]], told: str) -> Do:
    """Return what does `change` to the person that the path names, and tells of it."""

    async def post(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
        changed = await change(work, _named(call))
        return changed if isinstance(changed, Refused) else _back(call, told)

    post.__doc__ = change.__doc__
    return post


def _named(call: Call) -> int:
    return id_of(STAFF, call.path["staff_id"])


def _back(call: Call, told: str) -> SeeOther:
    return SeeOther(f"{PATH}/{call.path['staff_id']}", told)


_PAGE: Final = PageRoute(f"{PATH}/{{staff_id}}", Act.SEE_STAFF, see)
_BUTTONS: Final = {
    "suspend": _change(suspend_person, "staff.suspended"),
    "reinstate": _change(reinstate_person, "staff.reinstated"),
    "reset-factor": _change(reset_factor, "staff.factor_reset"),
    "password-link": post_password_link,
    "tokens/{token_id}/revoke": post_revoke,
}
ROUTES: Final[tuple[PageRoute | FormRoute, ...]] = (
    _PAGE,
    FormRoute(f"{_PAGE.path}/role", Act.CHANGE_STAFF, NewRole, post_role, _PAGE),
    FormRoute(f"{_PAGE.path}/email", Act.CHANGE_STAFF, NewEmail, post_email, _PAGE),
    *(
        FormRoute(f"{_PAGE.path}/{name}", Act.CHANGE_STAFF, ButtonForm, do, _PAGE)
        for name, do in _BUTTONS.items()
    ),
)
