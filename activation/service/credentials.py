"""Who asks: end users by login and password, staff by token.

An unknown login and a wrong password take the same work and get the same answer.
"""

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Final

from activation.licensing.attempts import Activate, Attempt, By, Reset
from activation.licensing.identifiers import account_of_login
from activation.licensing.model import Account
from activation.licensing.values import value
from activation.licensing.verdicts import Background
from crypto.passwords import hash_secret, same_digest
from crypto.pepper import each_of, others_of

_NOBODY: Final = bytes(16)
_TOKENS: Final = "staff-token"


@value
class Credential:
    """A login as the account it names, and the keyed hash of the password that came with it."""

    account_id: int
    secret_hash: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(repr=False, default=())
    """The same under the pepper's other versions: what is stored may be under any of them."""

    def each(self) -> "Iterator[Credential]":
        """Walk over what may be stored of the password, under the version in use first."""
        yield self
        for one in self.older:
            yield Credential(self.account_id, one)

    @property
    def subject(self) -> str:
        """Return whose allowance it spends: its own, so that nobody spends another's by naming a login."""
        return f"credential {self.secret_hash.hex()}"


def make_credential(secret_key: bytes, login: str, password: str) -> Credential:
    """Return what a login and password stand for; costs microseconds, and needs no database."""
    account_id = account_of_login(login)
    name, others = str(account_id), others_of(secret_key)
    shown = hash_secret(secret_key, name, password)
    if not others:
        return Credential(account_id, shown)
    return Credential(account_id, shown, tuple([hash_secret(key, name, password) for key in others]))


def who(credential: Credential, account: Account | None) -> By | None:
    """Return as whom the credential speaks for the account, or None when it does not."""
    owner = account.owner_hash if account is not None else _NOBODY
    activator = account.activation_hash if account is not None else None
    is_owner = same_digest(owner, credential.secret_hash)
    is_activator = same_digest(activator or _NOBODY, credential.secret_hash)
    for older in credential.older:  # to the end, so that each takes the same work
        is_owner |= same_digest(owner, older)
        is_activator |= same_digest(activator or _NOBODY, older)
    if is_owner and account is not None:
        return By.OWNER
    return By.ACTIVATOR if is_activator and activator is not None else None


def admit(attempt: Attempt, credential: Credential, account: Account | None) -> Attempt | None:
    """Return the attempt as made by whom the credential proves, or None when it proves nobody."""
    by = who(credential, account)
    if by is None:
        return None
    if by is By.ACTIVATOR and isinstance(attempt, Activate | Reset):
        return replace(attempt, by=by)
    return attempt


def hash_token(secret_key: bytes, token: str) -> bytes:
    """Return what is stored of a staff token."""
    return hash_secret(secret_key, _TOKENS, token)


def hash_token_each(secret_key: bytes, token: str) -> list[bytes]:
    """Return what may be stored of a token, under each version of the pepper, the one in use first."""
    return [hash_token(key, token) for key in each_of(secret_key)]


def claimed(account_id: int) -> Background:
    """Return the background of a wrong login or password: which of the two is found out later, for staff."""
    return Background(account_id, is_claimed=True)
