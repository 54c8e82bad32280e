"""API tokens: made and revoked by their owners, shown once; nobody gives one more than they may themselves.

A token's scopes are acts of its owner's role. It is made in a session, shortly after the second factor was
shown: a token that made another would never end, and a stolen cookie would outlive the session.
"""

from collections.abc import Collection
from dataclasses import field
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import TOKEN, to_text
from activation.licensing.roles import Act, Role, acts_of
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.credentials import hash_token
from activation.service.identity.identifying import refuse_without_step_up
from activation.service.working import Person, Work
from activation.storage.identity.tokens import (
    NewToken,
    Owners,
    Token,
    add_token,
    list_tokens,
    revoke_token,
    token_id_of,
)
from crypto.passwords import new_token

__all__ = ["MadeToken", "Token", "WantedToken", "acts_to_give", "make_token", "revoke_own", "revoke_token_of"]

DAY_S: Final = 86_400
DEFAULT_DAYS: Final = 90
MOST_DAYS: Final = 400
MOST_TOKENS: Final = 50
_NO_TOKENS: Final = "An end user has no tokens: login and password, or a session."
_ONLY_SIGNED_IN: Final = "A token makes no tokens. Sign in, and make it there."
_TOO_MUCH: Final = "Nobody gives a token more than they may. What you may give: {}."
_MANY: Final = f"Nobody has more than {MOST_TOKENS} tokens that hold. Revoke one first."
_NO_TOKEN: Final = "There is no such token."  # noqa: S105  (a message)


@value
class WantedToken:
    """A token to make: its name, the acts it is for, and for how many days."""

    name: str
    scopes: frozenset[Act]
    days: int = DEFAULT_DAYS


@value
class MadeToken:
    """A new token, shown this once."""

    token: str = field(repr=False)
    stored: Token


def owners_of(role: Role) -> Owners:
    """Return among whose tokens those of somebody in this role are."""
    return Owners.USERS if role in (Role.OWNER, Role.OPERATOR) else Owners.STAFF


def acts_to_give(person: Person) -> frozenset[Act]:
    """Return the acts that somebody may give a token: in a session the role's, else none."""
    return frozenset() if _refuse_maker(person) is not None else acts_of(person.role)


async def list_own(work: Work) -> list[Token]:
    """Return one's own tokens, ended ones too, the newest first."""
    person = work.person
    if person.role is Role.END_USER:
        return []
    return await list_tokens(work.connection, owners_of(person.role), person.person_id)


async def make_token(work: Work, wanted: WantedToken) -> MadeToken | Refused:
    """Make a token of one's own; it is shown this once."""
    person = work.person
    refused = _refuse_scopes(person, wanted.scopes, work.now) or await _refuse_many(work)
    if refused is not None:
        return refused
    token = new_token("stf" if person.is_staff else "rsl")
    token_hash = hash_token(work.desk.secrets.passwords, token)
    ends_at = work.now + wanted.days * DAY_S
    scopes = sorted(wanted.scopes)
    new = NewToken(token_hash, wanted.name, work.now, ends_at, scopes)
    await add_token(work.connection, owners_of(person.role), person.person_id, new)
    stored = Token(token_id_of(token_hash), wanted.name, scopes, work.now, ends_at, None, None)
    told = {"token_id": to_text(TOKEN, stored.token_id), "scopes": scopes, "days": wanted.days}
    await work.tell(EventKind.TOKEN_MADE, person.person_id, "scopes", told)
    return MadeToken(token, stored)


async def revoke_own(work: Work, token_id: int) -> Token | Refused:
    """End one of one's own tokens, at once; again is the same."""
    if work.person.role is Role.END_USER:
        return Refused(Refusal.NOT_FOUND, "scopes", _NO_TOKEN)
    return await revoke_token_of(work, owners_of(work.person.role), work.person.person_id, token_id)


async def revoke_token_of(work: Work, owners: Owners, owner_id: int, token_id: int) -> Token | Refused:
    """End one of somebody's tokens, at once; again is the same."""
    if await revoke_token(work.connection, owners, owner_id, token_id, work.now):
        told = {"token_id": to_text(TOKEN, token_id)}
        await work.tell(EventKind.TOKEN_REVOKED, owner_id, "scopes", told)
    tokens = await list_tokens(work.connection, owners, owner_id)
    found = next((one for one in tokens if one.token_id == token_id), None)
    return found if found is not None else Refused(Refusal.NOT_FOUND, "scopes", _NO_TOKEN)


def _refuse_scopes(person: Person, scopes: Collection[Act], now: int) -> Refused | None:
    refused = _refuse_maker(person)
    if refused is not None:
        return refused
    allowed = acts_to_give(person)
    if scopes and allowed.issuperset(scopes):
        return refuse_without_step_up(person, now)
    return Refused(Refusal.FORBIDDEN, "scopes", _TOO_MUCH.format(", ".join(sorted(allowed))))


def _refuse_maker(person: Person) -> Refused | None:
    """Refuse end users, who have no tokens, and whoever is in by a token."""
    if person.role is Role.END_USER:
        return Refused(Refusal.FORBIDDEN, "scopes", _NO_TOKENS)
    return Refused(Refusal.FORBIDDEN, "scopes", _ONLY_SIGNED_IN) if person.session_id is None else None


async def _refuse_many(work: Work) -> Refused | None:
    held = [one for one in await list_own(work) if one.holds(work.now)]
    return Refused(Refusal.CONFLICT, "scopes", _MANY) if len(held) >= MOST_TOKENS else None
