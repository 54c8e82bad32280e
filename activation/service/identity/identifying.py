"""From what a request shows to the person who acts, and whether that person may."""

from dataclasses import field
from typing import Final

from activation.licensing.attempts import By
from activation.licensing.identifiers import account_of_login
from activation.licensing.roles import Act, Role, may
from activation.licensing.standing import account_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.credentials import hash_token, make_credential, who
from activation.service.desk import Desk
from activation.service.working import Person
from activation.storage.accounts import read_account
from activation.storage.connection import Connection
from activation.storage.people import find_token_holder

_ACTS: Final = frozenset(Act)
_FORBIDDEN: Final = "The role {} may not do this."
_OUT_OF_SCOPE: Final = "This token is not for that."
_OWNER_ONLY: Final = "The activation password only activates. This needs the owner's password."


@value
class TokenShown:
    """A bearer token."""

    token: str = field(repr=False)


@value
class PasswordShown:
    """An end user's login and owner's password."""

    login: str = field(repr=False)
    password: str = field(repr=False)


Shown = TokenShown | PasswordShown
"""What a request shows of who it is from."""


def account_shown(shown: Shown) -> int | None:
    """Return the account whose password was tried, whose failures count; None where none is named."""
    return account_of_login(shown.login) if isinstance(shown, PasswordShown) else None


def subject_shown(desk: Desk, shown: Shown) -> str:
    """Return whose allowance a request spends: its credential's, right or wrong."""
    secret_key = desk.secrets.passwords
    if isinstance(shown, PasswordShown):
        return make_credential(secret_key, shown.login, shown.password).subject
    return f"credential {hash_token(secret_key, shown.token).hex()}"


async def identify(connection: Connection, desk: Desk, shown: Shown, now: int) -> Person | Refused:
    """Return who it is, or the refusal of a credential that names nobody."""
    if isinstance(shown, PasswordShown):
        return await _identify_owner(connection, desk, shown)
    token_hash = hash_token(desk.secrets.passwords, shown.token)
    holder = await find_token_holder(connection, token_hash, now)
    if holder is None:
        return _nobody()
    desk.token_uses.note(holder.token_id, holder.last_used_at, now)
    scopes = None if holder.scopes is None else frozenset(Act(one) for one in holder.scopes if one in _ACTS)
    return Person(holder.person_id, holder.login, Role(holder.role), holder.reseller_id, scopes=scopes)


async def _identify_owner(connection: Connection, desk: Desk, shown: PasswordShown) -> Person | Refused:
    credential = make_credential(desk.secrets.passwords, shown.login, shown.password)
    account = await read_account(connection, credential.account_id)
    by = who(credential, account)
    if by is None or account is None:
        return _nobody()
    if by is not By.OWNER:
        return Refused(Refusal.FORBIDDEN, "roles", _OWNER_ONLY)
    return account_refusal(account) or Person(account.account_id, shown.login, Role.END_USER)


def _nobody() -> Refused:
    return Refused(Refusal.CREDENTIALS, "credentials", "")


def refuse_act(person: Person, act: Act) -> Refused | None:
    """Refuse what the role, or the token's scopes, do not allow; else return None."""
    if not may(person.role, act):
        return Refused(Refusal.FORBIDDEN, "roles", _FORBIDDEN.format(person.role))
    if person.scopes is not None and act not in person.scopes:
        return Refused(Refusal.FORBIDDEN, "scopes", _OUT_OF_SCOPE)
    return None
