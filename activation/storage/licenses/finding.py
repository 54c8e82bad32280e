"""Finding licences by whatever a person on the phone can tell: a login, an e-mail, an id, a device's name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from activation.licensing.devices.enrolment import Enrolment, unpack
from activation.licensing.identifiers import SHARDS, shard_of
from activation.licensing.model import AccountState, LicenseKind, LicenseState
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection, Row
from activation.storage.statements import statement

_MANY = 1000


@value
class FoundDevice:
    """A device that holds a licence now; its name is personal data.

    `proofs` is how far its key has counted, `forked_at` when a copy of it first showed (D6).
    """

    activation_id: int
    since: int
    online: bool
    name: str
    has_key: bool
    proofs: int
    forked_at: int | None
    enrolment: Enrolment


@dataclass(slots=True)
class FoundLicense:
    """A licence as staff see it. `resets` counts all there ever were, moves and releases too.

    `restricted`: its account's data may be kept only (G3).
    """

    license_id: int
    account_id: int
    login: str
    product: str
    major: int
    kind: LicenseKind
    state: LicenseState
    holds: int
    orphaned: bool
    device_limit: int
    created_at: int
    ends_at: int | None
    updates_until: int | None
    moves: int
    moved_at: int | None
    self_reset_at: int | None
    resets: int
    devices: list[FoundDevice] = field(default_factory=list)
    restricted: bool = False


@value
class FoundAccount:
    """An account that was searched for, whether it has a licence or not."""

    account_id: int
    login: str
    state: AccountState
    restricted: bool


async def list_license_ids(connection: Connection, after: int, limit: int) -> list[int]:
    """Return the ids of all licences above `after`, at most `limit`."""
    rows = await connection.fetch(
        "SELECT license_id FROM license WHERE (shard, license_id) > ($1, $2)"
        " ORDER BY shard, license_id LIMIT $3",
        shard_of(after),
        after,
        limit,
    )
    return [row[0] for row in rows]


async def find_accounts(connection: Connection, text: str) -> list[int]:
    """Return the accounts with this login or e-mail, whatever its letters' case."""
    rows = await connection.fetch(
        "SELECT DISTINCT subject FROM personal WHERE lower(value) = lower($1) AND field IN (1, 3) LIMIT $2",
        text,
        _MANY,
    )
    return [row[0] for row in rows]


async def find_device_names(connection: Connection, text: str) -> list[int]:
    """Return the activations of devices with this name, whatever its letters' case."""
    rows = await connection.fetch(
        "SELECT subject FROM personal WHERE lower(value) = lower($1) AND field = 6 LIMIT $2",
        text,
        _MANY,
    )
    return [row[0] for row in rows]


async def find_beginnings(
    connection: Connection, text: str, fields: Sequence[PersonalField], limit: int
) -> list[tuple[int, PersonalField]]:
    """Return whose login, e-mail or device name begins so, and which of these `fields` it is, by name.

    Bytes are compared, not letters, whatever the database's language: that is what the index holds.
    """
    rows = await connection.fetch(
        "SELECT subject, field FROM unnest($2::smallint[]) AS wanted, LATERAL"
        " (SELECT subject, field, lower(value) AS name FROM personal WHERE field = wanted"
        " AND lower(value) ~>=~ lower($1) AND lower(value) ~<~ (lower($1) || chr(1114111))"
        " AND field IN (1, 3, 6) ORDER BY lower(value) USING ~<~ LIMIT $3) AS found"
        " ORDER BY name USING ~<~ LIMIT $3",
        text,
        list(fields),
        limit,
    )
    return [(row[0], PersonalField(row[1])) for row in rows]


async def find_certificate(connection: Connection, jti: str) -> int | None:
    """Return the licence of a certificate that was given by file, by its id; others' are not kept."""
    found: int | None = await connection.fetchval(
        "SELECT license_id FROM offline_file WHERE shard = ANY ($1::smallint[]) AND jti = $2 LIMIT 1",
        list(range(SHARDS)),
        jti,
    )
    return found


async def find_of(
    connection: Connection,
    account_ids: Sequence[int],
    activation_ids: Sequence[int],
    after: int,
    limit: int,
) -> list[int]:
    """Return the licences that are these accounts', or that these activations are or were of.

    By id, those above `after`, at most `limit`.
    """
    rows = await connection.fetch(
        "SELECT license_id FROM ("
        " SELECT l.license_id FROM license l WHERE (l.shard, l.account_id) IN"
        " (SELECT (k >> 55)::smallint, k FROM unnest($1::bigint[]) AS k) AND l.license_id > $3"
        " UNION SELECT a.license_id FROM unnest($2::bigint[]) AS k JOIN activation a"
        " ON a.shard = (k >> 55)::smallint AND a.activation_id = k WHERE a.license_id > $3"
        ") AS found ORDER BY license_id LIMIT $4",
        account_ids,
        activation_ids,
        after,
        limit,
    )
    return [row[0] for row in rows]


async def read_found_accounts(connection: Connection, account_ids: Sequence[int]) -> list[FoundAccount]:
    """Return those of the accounts that there are, by login."""
    rows = await connection.fetch(
        "SELECT a.account_id, coalesce(p.value, ''), a.state, a.restricted_at IS NOT NULL"
        " FROM unnest($1::bigint[]) AS k JOIN account a ON a.shard = (k >> 55)::smallint AND a.account_id = k"
        " LEFT JOIN personal p ON p.shard = a.shard AND p.subject = a.account_id AND p.field = 1"
        " ORDER BY 2, 1",
        account_ids,
    )
    return [FoundAccount(row[0], row[1], AccountState(row[2]), row[3]) for row in rows]


async def read_licenses(connection: Connection, license_ids: Sequence[int]) -> list[FoundLicense]:
    """Return those of the licences that there are, by id."""
    found: dict[int, FoundLicense] = {}
    for row in await connection.fetch(statement("find_licenses"), license_ids):
        held = found.setdefault(row[0], _license(row))
        held.restricted = row[25]
        if row[17] is not None:
            seen = row[17], row[18], row[19], row[20] or ""
            device = FoundDevice(*seen, row[21], row[22], row[23], unpack(row[24]))
            held.devices.append(device)
    return list(found.values())


def _license(row: Row) -> FoundLicense:
    return FoundLicense(
        row[0], row[1], row[2] or "", row[3], row[4], LicenseKind(row[5]), LicenseState(row[6]), *row[7:17]
    )
