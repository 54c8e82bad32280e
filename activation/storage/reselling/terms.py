"""The texts of the terms, who accepted which (P1), and the price tables (P4)."""

from activation.licensing.reselling.agreeing import Terms
from activation.licensing.reselling.pricing import PriceTable, Tier
from activation.licensing.values import value
from activation.storage.connection import Connection


@value
class Acceptance:
    """Who accepted a version of the terms, when, and from which address."""

    version: str
    accepted_by: int
    accepted_at: int
    address: str


async def list_terms(connection: Connection) -> list[Terms]:
    """Return all versions of the terms, without their texts."""
    rows = await connection.fetch("SELECT version, published_at, effective_at FROM terms_text ORDER BY 3, 2")
    return [Terms(*row) for row in rows]


async def read_body(connection: Connection, version: str) -> str:
    """Return the text of a version that there is."""
    body: str = await connection.fetchval("SELECT body FROM terms_text WHERE version = $1", version)
    return body


async def add_terms(connection: Connection, terms: Terms, body: str) -> None:
    """Store a new version."""
    await connection.execute(
        "INSERT INTO terms_text (version, body, published_at, effective_at) VALUES ($1, $2, $3, $4)",
        terms.version,
        body,
        terms.published_at,
        terms.effective_at,
    )


async def list_acceptances(connection: Connection, subject: int) -> list[Acceptance]:
    """Return what a reseller, or an account, accepted."""
    rows = await connection.fetch(
        "SELECT version, accepted_by, accepted_at, address FROM acceptance WHERE subject = $1"
        " ORDER BY acceptance_id",
        subject,
    )
    return [Acceptance(*row) for row in rows]


async def add_acceptance(
    connection: Connection, acceptance_id: int, subject: int, acceptance: Acceptance
) -> bool:
    """Store an acceptance; False when this version was accepted before: the first one is what counts."""
    added = await connection.fetchval(
        "INSERT INTO acceptance (acceptance_id, subject, version, accepted_by, accepted_at, address)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (subject, version) DO NOTHING RETURNING true",
        acceptance_id,
        subject,
        acceptance.version,
        acceptance.accepted_by,
        acceptance.accepted_at,
        acceptance.address,
    )
    return bool(added)


async def read_prices(connection: Connection, product_id: int, now: int) -> tuple[int | None, PriceTable]:
    """Return a product's price table in force at `now` and since when it is; empty when it has none."""
    rows = await connection.fetch(
        "SELECT from_quantity, unit, since FROM price WHERE product_id = $1 AND since ="
        " (SELECT max(since) FROM price WHERE product_id = $1 AND since <= $2) ORDER BY 1",
        product_id,
        now,
    )
    return (rows[0][2] if rows else None), [Tier(row[0], row[1]) for row in rows]


async def write_prices(connection: Connection, product_id: int, since: int, table: PriceTable) -> None:
    """Write a product's price table from `since` on, in place of one that begins at that very second."""
    await connection.execute("DELETE FROM price WHERE product_id = $1 AND since = $2", product_id, since)
    await connection.executemany(
        "INSERT INTO price (product_id, since, from_quantity, unit) VALUES ($1, $2, $3, $4)",
        [(product_id, since, tier.from_quantity, tier.unit) for tier in table],
    )
