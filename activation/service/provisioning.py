"""Making what there is: accounts with generated credentials, licences, staff, resellers.

Passwords and tokens are generated here and returned once; what is stored of them is a keyed hash (P2).
"""

import asyncio
import secrets as randomness
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from typing import Final

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import ALPHABET, account_of_login, shard_of
from activation.licensing.model import Account
from activation.licensing.roles import Role, acts_of
from activation.licensing.values import value
from activation.service.credentials import hash_token
from activation.service.identity.factors import new_totp_secret, seal_totp
from activation.service.identity.hashing import hash_slowly
from activation.service.ids import IdSource, new_trace_id
from activation.storage.accounts import (
    NewLicenses,
    PersonalField,
    add_account,
    add_licenses,
)
from activation.storage.connection import Connection
from activation.storage.events import add_events
from activation.storage.identity.staff import NewUser, add_reseller, add_staff
from activation.storage.identity.tokens import NewToken, Owners, add_token
from crypto.passwords import hash_secret, new_password, new_token

_LOGIN_LETTERS: Final = 10
Hash = Callable[[bytes], Awaitable[str]]
"""What hashes slowly: a server's own threads, of which there are few, or any thread where no server runs."""


@value
class Keys:
    """The derived keys that provisioning needs (32 bytes each)."""

    passwords: bytes = field(repr=False)
    totp: bytes = field(repr=False)


@value
class MadeAccount:
    """A new account with its credentials, shown this once."""

    account_id: int
    login: str
    password: str = field(repr=False)
    activation_password: str | None = field(repr=False, default=None)


@value
class MadeUser:
    """A new person of staff or of a reseller with its credentials, shown this once."""

    user_id: int
    login: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    token: str | None = field(repr=False, default=None)
    reseller_id: int | None = None


async def make_account(
    connection: Connection,
    keys: Keys,
    ids: IdSource,
    *,
    login: str | None = None,
    personal: Mapping[PersonalField, str] | None = None,
    rolled_out: bool = False,
) -> MadeAccount:
    """Make an end-user account; one that is rolled out to many machines gets an activation password too.

    Raises AccountExistsError when the login is taken.
    """
    made, account = draw_account(keys.passwords, login, rolled_out=rolled_out)
    account_id = made.account_id
    async with connection.transaction():
        await add_account(
            connection, account, int(time.time()), {PersonalField.LOGIN: made.login, **(personal or {})}
        )
        event_id = ids.new(shard_of(account_id))
        await add_events(connection, [_made(account_id, event_id, EventKind.ACCOUNT_MADE, "P2")])
    return made


def draw_account(
    passwords: bytes, login: str | None = None, *, rolled_out: bool = False
) -> tuple[MadeAccount, Account]:
    """Draw a new account's login and passwords; return what is shown this once, and what is stored."""
    login = login or new_login()
    account_id = account_of_login(login)
    password = new_password()
    activation_password = new_password() if rolled_out else None
    account = Account(
        account_id,
        hash_secret(passwords, str(account_id), password),
        hash_secret(passwords, str(account_id), activation_password) if activation_password else None,
    )
    return MadeAccount(account_id, login, password, activation_password), account


async def grant_licenses(
    connection: Connection, ids: IdSource, account_id: int, product_id: int, major: int, count: int
) -> list[int]:
    """Give an account `count` perpetual licences of a product's major version; return their ids."""
    shard = shard_of(account_id)
    license_ids = [ids.new(shard) for _ in range(count)]
    new = NewLicenses(account_id, product_id, license_ids, major, int(time.time()))
    async with connection.transaction():
        await add_licenses(connection, new)
        await add_events(connection, [_made(account_id, ids.new(shard), EventKind.LICENSES_GRANTED, "L1")])
    return license_ids


async def hash_in_thread(keyed: bytes) -> str:
    """Return the slow hash, worked out in whichever thread is free: for where no server runs."""
    return await asyncio.to_thread(hash_slowly, keyed)


async def make_staff(
    connection: Connection,
    keys: Keys,
    ids: IdSource,
    role: str,
    *,
    login: str | None = None,
    slow: Hash = hash_in_thread,
) -> MadeUser:
    """Make a person of staff with a password, a TOTP secret and a token."""
    user, made = new_user(keys, ids, role, login)
    user = await with_slow_hash(replace(user, totp_confirmed_at=user.created_at), slow)
    token = new_token("stf")
    async with connection.transaction():
        await add_staff(connection, user)
        first = issued_token(keys.passwords, token, "first", Role(role), user.created_at)
        await add_token(connection, Owners.STAFF, user.user_id, first)
        await add_events(connection, [_made(user.user_id, ids.new(0), EventKind.STAFF_MADE, "P2")])
    return MadeUser(made.user_id, made.login, made.password, made.totp_secret, token)


async def make_reseller(
    connection: Connection, keys: Keys, ids: IdSource, name: str, slow: Hash = hash_in_thread
) -> MadeUser:
    """Make a reseller with its first user, the owner, and its token. Terms come later (P1)."""
    user, made = new_user(keys, ids, "owner", None)
    user = await with_slow_hash(replace(user, totp_confirmed_at=user.created_at), slow)
    reseller_id = ids.new(0)
    token = new_token("rsl")
    async with connection.transaction():
        await add_reseller(connection, reseller_id, name, user)
        first = issued_token(keys.passwords, token, "first", Role.OWNER, user.created_at)
        await add_token(connection, Owners.USERS, user.user_id, first)
    return replace(made, token=token, reseller_id=reseller_id)


def issued_token(secret_key: bytes, token: str, name: str, role: Role, now: int) -> NewToken:
    """Return a token that is issued with a login, as it is stored: for the role's acts of today.

    So a release that knows more acts gives it none of them. It ends with the login, or when it is revoked.
    """
    return NewToken(hash_token(secret_key, token), name, now, None, sorted(acts_of(role)))


def new_login() -> str:
    """Return a random login that is easy to read out: `k7wq3-9dm2x`."""
    letters = "".join(randomness.choice(ALPHABET) for _ in range(_LOGIN_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def new_user(keys: Keys, ids: IdSource, role: str, login: str | None = None) -> tuple[NewUser, MadeUser]:
    """Return a new user as it is stored, and its generated credentials."""
    user_id = ids.new(0)
    made = MadeUser(user_id, login or new_login(), new_password(), new_totp_secret())
    user = NewUser(
        user_id,
        made.login,
        role,
        hash_secret(keys.passwords, str(user_id), made.password),
        seal_totp(keys.totp, made.totp_secret),
        int(time.time()),
    )
    return user, made


async def with_slow_hash(user: NewUser, slow: Hash = hash_in_thread) -> NewUser:
    """Return a user with the slow hash of the password instead of the fast one."""
    return replace(user, password_hash=b"", password_phc=await slow(user.password_hash))


def _made(about: int, event_id: int, kind: EventKind, rule: str) -> Event:
    return Event(about, event_id, kind, Actor.SYSTEM, rule, new_trace_id())
