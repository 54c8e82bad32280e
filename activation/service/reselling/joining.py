"""P1, P2: a reseller and its users. Logins are generated, shown once, never read again, only issued anew."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import USER, to_text
from activation.licensing.identity.sessions import PersonKind, WhyEnded
from activation.licensing.reselling.clients import ResellerKind, ResellerState
from activation.licensing.roles import Role
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.provisioning import (
    Keys,
    MadeUser,
    issued_token,
    make_reseller,
    new_user,
    with_slow_hash,
)
from activation.service.reselling.clients import find_reseller
from activation.service.working import Work
from activation.storage.identity.identities import forget_codes
from activation.storage.identity.password_links import end_links
from activation.storage.identity.sessions import end_sessions
from activation.storage.identity.staff import add_user
from activation.storage.identity.tokens import Owners, add_token
from activation.storage.reselling.resellers import (
    User,
    close_login,
    describe_reseller,
    list_users,
    write_contact,
    write_login,
)
from crypto.passwords import hash_secret, new_token

MOST_USERS: Final = 200
_NO_USER: Final = "This account has no such user."
_CLOSED: Final = "The agreement was ended, and its logins with it."
_LAST: Final = "This is the last owner. Make another one first."
_MANY: Final = f"An account has at most {MOST_USERS} users."


@value
class NewClient:
    """A reseller to make, or a company with a distribution licence (C2); `discount` is in percent."""

    name: str
    kind: ResellerKind = ResellerKind.RESELLER
    discount: Decimal | None = None
    email: str = ""


def keys_of(work: Work) -> Keys:
    """Return the keys that generated credentials are stored under."""
    return Keys(work.desk.secrets.passwords, work.desk.secrets.totp)


async def create_reseller(work: Work, new: NewClient) -> MadeUser:
    """Make a reseller and its owner, whose login, password, TOTP secret and token are shown this once."""
    made = await make_reseller(
        work.connection, keys_of(work), work.desk.ids, new.name, work.desk.hashing.hash
    )
    reseller_id = made.reseller_id or 0
    await describe_reseller(work.connection, reseller_id, new.kind, new.discount)
    if new.email:
        await write_contact(work.connection, reseller_id, new.email)
    await work.tell(EventKind.RESELLER_MADE, reseller_id, "P1", {"kind": new.kind.name.lower()})
    await work.hook("reseller.made", {"kind": new.kind.name.lower()})
    return made


async def create_user(work: Work, reseller_id: int, role: str) -> MadeUser | Refused:
    """Add a user to a reseller's account."""
    found = await find_reseller(work, reseller_id, lock=True)
    if isinstance(found, Refused):
        return found
    if found.state is ResellerState.TERMINATED:
        return Refused(Refusal.FORBIDDEN, "P9", _CLOSED)
    if len(await list_users(work.connection, reseller_id)) >= MOST_USERS:
        return Refused(Refusal.CONFLICT, "P2", _MANY)
    user, made = new_user(keys_of(work), work.desk.ids, role)
    user = replace(user, created_at=work.now, totp_confirmed_at=work.now)
    await add_user(work.connection, reseller_id, await with_slow_hash(user, work.desk.hashing.hash))
    await _tell_issued(work, reseller_id, user.user_id, role)
    return await _with_token(work, made, role)


async def issue_login(work: Work, reseller_id: int, login: str) -> MadeUser | Refused:
    """P2: issue a new password, TOTP secret and token to a user; the old ones end, and so do mailed links."""
    user = await _find_user(work, reseller_id, login)
    if isinstance(user, Refused):
        return user
    generated, made = new_user(keys_of(work), work.desk.ids, user.role, login)
    made = replace(made, user_id=user.user_id)
    password_hash = hash_secret(work.desk.secrets.passwords, str(user.user_id), made.password)
    stored = replace(
        generated,
        user_id=user.user_id,
        password_hash=password_hash,
        created_at=work.now,
        totp_confirmed_at=work.now,
    )
    await write_login(work.connection, await with_slow_hash(stored, work.desk.hashing.hash))
    await forget_codes(work.connection, user.user_id)
    kind, why = PersonKind.USER, WhyEnded.CLOSED_BY_STAFF
    await end_sessions(work.connection, kind, user.user_id, why, work.now)
    await end_links(work.connection, kind, user.user_id, work.now)
    await _tell_issued(work, reseller_id, user.user_id, user.role)
    return await _with_token(work, made, user.role)


async def close_user(work: Work, reseller_id: int, login: str) -> User | Refused:
    """Close a user's login; the last owner's stays open."""
    user = await _find_user(work, reseller_id, login)
    if isinstance(user, Refused):
        return user
    users = await list_users(work.connection, reseller_id)
    owners = [one.login for one in users if one.role == "owner" and one.is_open]
    if owners == [login]:
        return Refused(Refusal.CONFLICT, "P2", _LAST)
    await close_login(work.connection, user.user_id, work.now)
    await end_links(work.connection, PersonKind.USER, user.user_id, work.now)
    await work.tell(EventKind.LOGIN_CLOSED, reseller_id, "P2", {"user": to_text(USER, user.user_id)})
    return replace(user, is_open=False)


async def _tell_issued(work: Work, reseller_id: int, user_id: int, role: str) -> None:
    """The log outlives the user, so it says a number and no login."""
    told = {"user": to_text(USER, user_id), "role": role}
    await work.tell(EventKind.LOGIN_ISSUED, reseller_id, "P2", told)


async def _find_user(work: Work, reseller_id: int, login: str) -> User | Refused:
    found = await find_reseller(work, reseller_id, lock=True)
    if isinstance(found, Refused):
        return found
    if found.state is ResellerState.TERMINATED:
        return Refused(Refusal.FORBIDDEN, "P9", _CLOSED)
    users = await list_users(work.connection, reseller_id)
    named = next((one for one in users if one.login == login), None)
    return named if named is not None else Refused(Refusal.NOT_FOUND, "P2", _NO_USER)


async def _with_token(work: Work, made: MadeUser, role: str) -> MadeUser:
    token = new_token("rsl")
    issued = issued_token(work.desk.secrets.passwords, token, "issued", Role(role), work.now)
    await add_token(work.connection, Owners.USERS, made.user_id, issued)
    return replace(made, token=token)
