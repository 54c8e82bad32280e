"""What admins may not do to staff: nothing that locks everybody out, nothing to their own power.

Each takes who acts (0: the server's own command line), whom it is about, and all active admins.
"""

from collections.abc import Set
from enum import StrEnum
from typing import Final

from activation.licensing.roles import Role
from activation.licensing.verdicts import Refusal, Refused

SYSTEM: Final = 0
_OWN: Final = "Nobody does this to themselves. Another admin can, or the command line on the server."
_LAST: Final = "This is the last active admin. Make another one first."
_NO_LONGER: Final = "You are no admin any more."


class Change(StrEnum):
    """What is done to a person of staff."""

    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    ROLE = "role"
    FACTOR_RESET = "factor_reset"
    EMAIL = "email"


def refuse_change(
    change: Change, actor_id: int, staff_id: int, admins: Set[int], role: Role = Role.ADMIN
) -> Refused | None:
    """Refuse a change by who is no admin (any more), to oneself, or of the last admin; else return None.

    `role` is the one that the person is to have.
    """
    if actor_id not in (SYSTEM, *admins):
        return Refused(Refusal.FORBIDDEN, "staff", _NO_LONGER)
    if actor_id == staff_id:
        return Refused(Refusal.FORBIDDEN, "staff", _OWN)
    stops = change is Change.SUSPENDED or (change is Change.ROLE and role is not Role.ADMIN)
    if stops and admins == {staff_id}:
        return Refused(Refusal.CONFLICT, "staff", _LAST)
    return None
