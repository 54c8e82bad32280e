"""Reading the log: what happened to a licence, an account, a person, and what a person did."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final

from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

MOST_LICENSES: Final = 10_000


@value
class Position:
    """An event's place in a history: when, its id, whom it is about."""

    happened: datetime
    event_id: int
    about: int


@value
class LoggedEvent:
    """An event as it is stored; `address` where whoever acted was, as long as that is kept."""

    about: int
    event_id: int
    happened: datetime
    kind: int
    actor: int
    actor_id: int | None
    role: int | None
    activation_id: int | None
    rule: str
    trace_id: str
    details: str | None
    address: str | None = field(repr=False)
    address_digest: bytes | None


async def read_log(
    connection: Connection,
    abouts: Sequence[int],
    person_id: int | None,
    before: Position,
    limit: int,
    but: Sequence[int] = (),
) -> Sequence[LoggedEvent]:
    """Return events about any of `abouts` (all of one shard) or done by a person, the newest first.

    Those of the kinds `but` are left out.
    """
    rows = await connection.fetch(
        statement("read_log"),
        shard_of(abouts[0]),
        abouts,
        person_id,
        before.happened,
        before.event_id,
        before.about,
        limit,
        list(but),
    )
    return [LoggedEvent(*row) for row in rows]


async def list_licenses_of(connection: Connection, account_id: int) -> Sequence[int]:
    """Return the ids of an account's licences, MOST_LICENSES at most."""
    rows = await connection.fetch(
        "SELECT license_id FROM license WHERE shard = $1 AND account_id = $2 ORDER BY license_id LIMIT $3",
        shard_of(account_id),
        account_id,
        MOST_LICENSES,
    )
    return [row[0] for row in rows]


async def find_client(connection: Connection, number: int) -> int | None:
    """Return whose an order or a subscription is, an account or a reseller, or None where it is neither."""
    found: int | None = await connection.fetchval(
        "SELECT coalesce(account_id, reseller_id) FROM purchase WHERE purchase_id = $1"
        " UNION ALL SELECT account_id FROM subscription WHERE shard = $2 AND subscription_id = $1 LIMIT 1",
        number,
        shard_of(number),
    )
    return found


async def find_person(connection: Connection, login: str) -> tuple[str, int] | None:
    """Return who of staff or of resellers' users has a login: "staff" or "user", and the id; or None."""
    row = await connection.fetchrow(
        "SELECT 'staff', staff_id FROM staff WHERE login = $1"
        " UNION ALL SELECT 'user', user_id FROM reseller_user WHERE login = $1 LIMIT 1",
        login,
    )
    return None if row is None else (row[0], row[1])


async def name_people(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Return the logins of those among these who are staff, or a reseller's users."""
    rows = await connection.fetch(
        "SELECT staff_id, login FROM staff WHERE staff_id = ANY($1::bigint[])"
        " UNION ALL SELECT user_id, login FROM reseller_user WHERE user_id = ANY($1::bigint[])",
        ids,
    )
    return {row[0]: row[1] for row in rows}


async def name_kinds(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Return what each id is: "license", "account", "staff", "user", "reseller", or "" for another thing."""
    rows = await connection.fetch(
        "SELECT k, CASE"
        " WHEN EXISTS (SELECT FROM license l WHERE l.shard = (k >> 55)::smallint AND l.license_id = k)"
        " THEN 'license'"
        " WHEN EXISTS (SELECT FROM account a WHERE a.shard = (k >> 55)::smallint AND a.account_id = k)"
        " THEN 'account'"
        " WHEN EXISTS (SELECT FROM staff WHERE staff_id = k) THEN 'staff'"
        " WHEN EXISTS (SELECT FROM reseller_user WHERE user_id = k) THEN 'user'"
        " WHEN EXISTS (SELECT FROM reseller WHERE reseller_id = k) THEN 'reseller'"
        " ELSE '' END FROM unnest($1::bigint[]) AS k",
        ids,
    )
    return {row[0]: row[1] for row in rows}
