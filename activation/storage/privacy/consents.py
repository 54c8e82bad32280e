"""Every giving and withdrawing of consent (G8)."""

from dataclasses import field

from activation.licensing.identifiers import shard_of
from activation.licensing.model import AccountState
from activation.licensing.privacy.consenting import Told, Wishes
from activation.licensing.values import value
from activation.storage.connection import Connection


@value
class Consent:
    """What was said about a purpose, how it was said, and to which version of the text."""

    told: Told
    how: str = field(repr=False)
    version: str


async def add_consent(connection: Connection, account_id: int, consent: Consent) -> None:
    """Add to an account's history."""
    told = consent.told
    await connection.execute(
        "INSERT INTO consent (account_id, consent_id, shard, purpose, given, told_at, how, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        account_id,
        told.consent_id,
        shard_of(account_id),
        told.purpose,
        told.given,
        told.told_at,
        consent.how,
        consent.version,
    )


async def consents_of(connection: Connection, account_id: int) -> list[Consent]:
    """Return an account's history, the oldest first."""
    rows = await connection.fetch(
        "SELECT consent_id, purpose, given, told_at, how, version FROM consent"
        " WHERE shard = $1 AND account_id = $2 ORDER BY told_at, consent_id",
        shard_of(account_id),
        account_id,
    )
    return [Consent(Told(*list(row)[:4]), row[4], row[5]) for row in rows]


async def list_consenting(
    connection: Connection, purpose: str, after: int, limit: int
) -> list[tuple[int, Wishes, list[Told]]]:
    """Return accounts behind `after` that ever said anything about a purpose, with all that they said."""
    rows = await connection.fetch(
        "SELECT c.account_id, a.restricted_at, a.objected_at, a.state, array_agg(c.consent_id),"
        " array_agg(c.given), array_agg(c.told_at) FROM consent c"
        " JOIN account a ON a.shard = c.shard AND a.account_id = c.account_id"
        " WHERE c.purpose = $1 AND (c.shard, c.account_id) > ($2, $3)"
        " GROUP BY a.shard, c.shard, a.account_id, c.account_id ORDER BY c.shard, c.account_id LIMIT $4",
        purpose,
        shard_of(after),
        after,
        limit,
    )
    return [
        (
            row[0],
            Wishes(row[1], row[2], row[3] != AccountState.OPEN),
            [Told(one, purpose, given, at) for one, given, at in zip(row[4], row[5], row[6], strict=True)],
        )
        for row in rows
    ]
