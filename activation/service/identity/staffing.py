"""The licensor's staff: made, suspended, reinstated, given another role, let set up their second factor anew.

Every change holds all active admins first, so that two at once cannot leave none.
"""

from dataclasses import field, replace
from typing import Any, Final

from activation.licensing.events import EventKind
from activation.licensing.identity.sessions import PersonKind, WhyEnded
from activation.licensing.identity.staffing import Change, refuse_change
from activation.licensing.roles import Role
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.identity.factors import new_totp_secret, seal_totp
from activation.service.identity.tokens import revoke_token_of
from activation.service.provisioning import Keys, new_user, with_slow_hash
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.identity.password_links import end_links
from activation.storage.identity.sessions import end_sessions
from activation.storage.identity.staff import StaffExistsError, add_staff
from activation.storage.identity.staffing import (
    Member,
    StaffState,
    find_member_id,
    forget_factor,
    list_members,
    lock_admins,
    lock_member,
    read_member,
    write_contact,
    write_role,
    write_state,
)
from activation.storage.identity.tokens import Owners, Token, list_tokens, revoke_tokens

__all__ = ["Member", "NewMember", "Token"]

_NOBODY: Final = "There is no such person of staff."
_TAKEN: Final = "This login is taken."


@value
class NewMember:
    """Somebody to make: the login is drawn unless given; without an e-mail no mail reaches them."""

    role: Role
    login: str | None = None
    email: str = field(repr=False, default="")


@value
class MadeMember:
    """Somebody new. The password is shown this once; the second factor is set up at the first sign-in."""

    staff_id: int
    login: str
    role: Role
    password: str = field(repr=False)


async def see_people(work: Work) -> list[Member]:
    """Return all of staff, suspended ones too."""
    members = await list_members(work.connection)
    await work.look((one.staff_id for one in members), (PersonalField.LOGIN,))
    return members


async def see_person(work: Work, staff_id: int) -> Member | Refused:
    """Return a person of staff."""
    member = await read_member(work.connection, staff_id)
    if member is None:
        return _nobody()
    await work.look([staff_id], (PersonalField.LOGIN,))
    return member


async def find_person(work: Work, login: str) -> int:
    """Return the id of the person of staff with this login; 0, which is nobody's, without one."""
    return await find_member_id(work.connection, login) or 0


async def see_tokens(work: Work, staff_id: int) -> list[Token] | Refused:
    """Return somebody's tokens, ended ones too, the newest first."""
    if await read_member(work.connection, staff_id) is None:
        return _nobody()
    tokens = await list_tokens(work.connection, Owners.STAFF, staff_id)
    await work.look([staff_id] if tokens else [], ("tokens",))
    return tokens


async def revoke_token(work: Work, staff_id: int, token_id: int) -> Token | Refused:
    """End one of somebody's tokens, at once."""
    return await revoke_token_of(work, Owners.STAFF, staff_id, token_id)


async def make_person(work: Work, new: NewMember) -> MadeMember | Refused:
    """Make a person of staff with a generated password."""
    secrets = work.desk.secrets
    user, made = new_user(Keys(secrets.passwords, secrets.totp), work.desk.ids, new.role, new.login)
    user = await with_slow_hash(replace(user, created_at=work.now), work.desk.hashing.hash)
    try:
        await add_staff(work.connection, user)
    except StaffExistsError:
        return Refused(Refusal.CONFLICT, "staff", _TAKEN)
    await write_contact(work.connection, user.user_id, user.login, new.email)
    await work.tell(EventKind.STAFF_MADE, user.user_id, "staff", {"role": new.role})
    return MadeMember(user.user_id, user.login, new.role, made.password)


async def suspend_person(work: Work, staff_id: int) -> Member | Refused:
    """Let somebody in no more: sessions, tokens and mailed links end at once."""
    member = await _lock(work, Change.SUSPENDED, staff_id)
    if isinstance(member, Refused) or not member.is_active:
        return member
    await write_state(work.connection, staff_id, StaffState.SUSPENDED, work.now)
    sessions = await _end_sessions(work, staff_id)
    tokens = await revoke_tokens(work.connection, Owners.STAFF, staff_id, work.now)
    return await _changed(work, member, Change.SUSPENDED, {"sessions": sessions, "tokens": tokens})


async def reinstate_person(work: Work, staff_id: int) -> Member | Refused:
    """Let somebody in again, by signing in; tokens that ended stay so."""
    member = await _lock(work, Change.REINSTATED, staff_id)
    if isinstance(member, Refused) or member.is_active:
        return member
    await write_state(work.connection, staff_id, StaffState.ACTIVE, work.now)
    return await _changed(work, member, Change.REINSTATED, {})


async def change_role(work: Work, staff_id: int, role: Role) -> Member | Refused:
    """Give somebody another role: sessions and tokens end, so that none gets more by it, now or later."""
    member = await _lock(work, Change.ROLE, staff_id, role)
    if isinstance(member, Refused) or member.role == role:
        return member
    await write_role(work.connection, staff_id, role)
    sessions = await _end_sessions(work, staff_id)
    tokens = await revoke_tokens(work.connection, Owners.STAFF, staff_id, work.now)
    ended = {"sessions": sessions, "tokens": tokens}
    return await _changed(work, member, Change.ROLE, {"from": member.role, "to": role, **ended})


async def reset_factor(work: Work, staff_id: int) -> Member | Refused:
    """Have somebody set up the second factor anew at the next sign-in; the old one and its codes end."""
    member = await _lock(work, Change.FACTOR_RESET, staff_id)
    if isinstance(member, Refused):
        return member
    box = seal_totp(work.desk.secrets.totp, new_totp_secret())
    await forget_factor(work.connection, staff_id, box)
    sessions = await _end_sessions(work, staff_id)
    return await _changed(work, member, Change.FACTOR_RESET, {"sessions": sessions})


async def change_email(work: Work, staff_id: int, email: str) -> Member | Refused:
    """Write where somebody's mails go; links that went elsewhere end."""
    member = await _lock(work, Change.EMAIL, staff_id)
    if isinstance(member, Refused):
        return member
    await write_contact(work.connection, staff_id, member.login, email)
    await end_links(work.connection, PersonKind.STAFF, staff_id, work.now)
    return await _changed(work, member, Change.EMAIL, {})


async def _lock(work: Work, change: Change, staff_id: int, role: Role = Role.ADMIN) -> Member | Refused:
    """Hold all admins and the person, or refuse the change."""
    admins = await lock_admins(work.connection)
    member = await lock_member(work.connection, staff_id)
    if member is None:
        return _nobody()
    return refuse_change(change, work.person.person_id, staff_id, admins, role) or member


async def _changed(work: Work, member: Member, change: Change, more: dict[str, Any]) -> Member:
    await work.tell(EventKind.STAFF_CHANGED, member.staff_id, "staff", {"change": change, **more})
    return await read_member(work.connection, member.staff_id) or member


async def _end_sessions(work: Work, staff_id: int) -> int:
    await end_links(work.connection, PersonKind.STAFF, staff_id, work.now)
    why = WhyEnded.CLOSED_BY_STAFF
    return await end_sessions(work.connection, PersonKind.STAFF, staff_id, why, work.now)


def _nobody() -> Refused:
    return Refused(Refusal.NOT_FOUND, "staff", _NOBODY)
