"""Links by which somebody who forgot the password gets a new one: stored as hashes, good once, not long.

Whoever changes links holds the person first, so that no two wait for each other.
"""

from collections.abc import Sequence
from dataclasses import field

from activation.licensing.identifiers import shard_of
from activation.licensing.identity.sessions import PersonKind
from activation.licensing.roles import Role
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

_LOCK = {
    PersonKind.STAFF: "SELECT login, role, NULL::bigint FROM staff"
    " WHERE staff_id = $1 AND $2 = 0 AND state = 0 FOR UPDATE",
    PersonKind.USER: "SELECT login, role, reseller_id FROM reseller_user u"
    " WHERE user_id = $1 AND $2 = 0 AND state = 0"
    " AND EXISTS (SELECT FROM reseller r WHERE r.reseller_id = u.reseller_id AND r.state < 2) FOR UPDATE",
    PersonKind.END_USER: "SELECT coalesce((SELECT value FROM personal p"
    " WHERE p.shard = a.shard AND p.subject = a.account_id AND p.field = 1), ''), 'end_user', NULL::bigint"
    " FROM account a WHERE account_id = $1 AND shard = $2 AND state = 0 FOR UPDATE",
}


@value
class Forgetful:
    """Somebody who forgot the password and may act; `mail_to` is whose address mails go to, if any."""

    kind: PersonKind
    person_id: int
    login: str = field(repr=False)
    role: Role
    reseller_id: int | None
    mail_to: int | None


@value
class NewLink:
    """A link to store; times in seconds since 1970."""

    link_hash: bytes = field(repr=False)
    kind: PersonKind
    person_id: int
    made_at: int
    ends_at: int


@value
class FoundLink:
    """A link that is still good, and whom it is for."""

    link_hash: bytes = field(repr=False)
    kind: PersonKind
    person_id: int


async def find_people(
    connection: Connection, name: str, account_id: int, digests: Sequence[bytes], most: int
) -> list[tuple[PersonKind, int]]:
    """Return those who may act and have this login or e-mail, those who are known to first, at most `most`.

    `account_id` is the account that the login names; `digests` are those of the e-mail, under each pepper.
    """
    rows = await connection.fetch(statement("find_people_by_name"), name, account_id, most, digests)
    return [(PersonKind(row[0]), row[1]) for row in rows]


async def lock_person(connection: Connection, kind: PersonKind, person_id: int) -> Forgetful | None:
    """Return somebody who may act, held until the transaction ends, or None."""
    row = await connection.fetchrow(_LOCK[kind], person_id, shard_of(person_id))
    if row is None:
        return None
    login, role, reseller_id = row[0], Role(row[1]), row[2]
    # An owner without an address of their own is reached by the reseller's.
    subjects = [person_id, reseller_id] if role is Role.OWNER else [person_id]
    mail_to = await connection.fetchval(
        "SELECT subject FROM personal WHERE shard = $1 AND subject = ANY ($2) AND field = 3"
        " ORDER BY subject = $3 DESC LIMIT 1",
        shard_of(person_id),
        subjects,
        person_id,
    )
    return Forgetful(kind, person_id, login, role, reseller_id, mail_to)


async def count_links(connection: Connection, kind: PersonKind, person_id: int, since: int) -> int:
    """Return how many links somebody was sent after `since` (seconds since 1970)."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM password_link WHERE person_kind = $1 AND person_id = $2 AND made_at > $3",
        kind,
        person_id,
        since,
    )
    return count


async def add_link(connection: Connection, new: NewLink) -> None:
    """Store a link, and end those before it."""
    await end_links(connection, new.kind, new.person_id, new.made_at)
    await connection.execute(
        "INSERT INTO password_link (link_hash, person_kind, person_id, made_at, ends_at)"
        " VALUES ($1, $2, $3, $4, $5)",
        new.link_hash,
        new.kind,
        new.person_id,
        new.made_at,
        new.ends_at,
    )


async def find_link(connection: Connection, link_hashes: Sequence[bytes], now: int) -> FoundLink | None:
    """Return the link that has one of these hashes and is neither used nor late, or None."""
    row = await connection.fetchrow(
        "SELECT link_hash, person_kind, person_id FROM password_link"
        " WHERE link_hash = ANY ($1::bytea[]) AND used_at IS NULL AND ends_at > $2",
        link_hashes,
        now,
    )
    return None if row is None else FoundLink(row[0], PersonKind(row[1]), row[2])


async def use_link(connection: Connection, link_hash: bytes, now: int) -> bool:
    """Use a link up; tell whether it was still good. Of two at once, one has it."""
    used = await connection.fetchval(
        "UPDATE password_link SET used_at = $2 WHERE link_hash = $1 AND used_at IS NULL AND ends_at > $2"
        " RETURNING true",
        link_hash,
        now,
    )
    return used is not None


async def end_links(connection: Connection, kind: PersonKind, person_id: int, now: int) -> None:
    """End all links that somebody was sent."""
    await connection.execute(
        "UPDATE password_link SET used_at = $3 WHERE person_kind = $1 AND person_id = $2 AND used_at IS NULL",
        kind,
        person_id,
        now,
    )


async def write_owner_password(connection: Connection, account_id: int, owner_hash: bytes) -> None:
    """Replace the owner's password of an account."""
    await connection.execute(
        "UPDATE account SET owner_hash = $3 WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
        owner_hash,
    )


async def write_activation_password(
    connection: Connection, account_id: int, activation_hash: bytes | None
) -> None:
    """Replace the activation password of an account; None: there is none any more."""
    await connection.execute(
        "UPDATE account SET activation_hash = $3 WHERE shard = $1 AND account_id = $2",
        shard_of(account_id),
        account_id,
        activation_hash,
    )
