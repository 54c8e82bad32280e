"""The licensor's own people: who there is, and somebody new."""

from typing import Final

from markupsafe import Markup
from msgspec import Struct

from activation.console.outcomes import Page
from activation.console.pages import FormRoute, PageRoute
from activation.console.rendering import say_of
from activation.http.calls import Call
from activation.licensing.roles import STAFF, Act, Role, may
from activation.licensing.verdicts import Refused
from activation.messages.people import StaffLogin, StaffRole
from activation.messages.reselling import Email
from activation.service.identity.staffing import NewMember, make_person, see_people
from activation.service.working import Work

PATH: Final = "/console/staff"
_ROLES: Final = tuple(role for role in Role if role in STAFF)


class PersonForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to make; a random login unless one is typed."""

    role: StaffRole
    login: StaffLogin | None = None
    email: Email | None = None


def roles_to_choose() -> list[tuple[str, Markup]]:
    """Return the roles that somebody of staff may have, each with its words."""
    return [(role, say_of("roles", role)) for role in _ROLES]


async def see(work: Work, _call: Call) -> Page:
    """List all of staff, suspended ones too."""
    return Page(
        "oversight/staff.html",
        "staff.title",
        people=await see_people(work),
        own_id=work.person.person_id,
        roles=roles_to_choose(),
        may_change=may(work.person.role, Act.CHANGE_STAFF),
    )


async def make(work: Work, _call: Call, form: PersonForm) -> Page | Refused:
    """Make a person of staff; the password is shown this once."""
    made = await make_person(work, NewMember(Role(form.role), form.login, form.email or ""))
    return made if isinstance(made, Refused) else Page("oversight/person_made.html", "staff.made", made=made)


_PAGE: Final = PageRoute(PATH, Act.SEE_STAFF, see)
ROUTES: Final = (_PAGE, FormRoute(PATH, Act.CHANGE_STAFF, PersonForm, make, _PAGE))
