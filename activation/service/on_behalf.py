"""Somebody at the server's own machine acts for a person of staff, by name: what is recorded is that person.

What staff do to a licence must say who did it (R4), and nobody approves their own (R5).
"""

from dataclasses import replace

from activation.licensing.roles import Act, Role, may
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Person, Work
from activation.storage.identity.staff import find_staff_by_login


async def speak_for(work: Work, login: str, act: Act) -> Work | Refused:
    """Return the work as this person's, if there is one who may do this."""
    found = await find_staff_by_login(work.connection, login)
    if found is None:
        return Refused(Refusal.NOT_FOUND, "roles", f"There is nobody called {login!r} among the staff.")
    person = Person(found.staff_id, found.login, Role(found.role))
    if not may(person.role, act):
        return Refused(Refusal.FORBIDDEN, "roles", f"The role {person.role} may not do this.")
    return replace(work, person=person)
