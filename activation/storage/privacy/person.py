"""All that is known of an account's person, but its licences: a section for each kind of thing.

Rows are told as they stand: columns carry the names that the copy gives them (messages/person_data.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import shard_of
from activation.storage.connection import Connection

Rows = Sequence[Mapping[str, Any]]

# What somebody did who is not the person came from an address that is not the person's (actors 1 to 3 are).
EVENTS: Final = (
    "SELECT e.about, extract(epoch FROM e.happened)::bigint AS at, e.kind AS event, e.actor AS by, e.role,"
    " e.rule, e.trace_id, e.activation_id, w.address, e.details::text AS details FROM event e"
    " LEFT JOIN event_address w ON w.shard = e.shard AND w.event_id = e.event_id AND e.actor BETWEEN 1 AND 3"
)
_ACCOUNT: Final = (
    "SELECT a.account_id, a.created_at AS made_at, a.state, a.closed_at, a.restricted_at, a.objected_at,"
    " a.erased_at, a.regular_at, a.activation_hash IS NOT NULL AS has_activation_password,"
    " r.name AS reseller, a.affiliated, a.own_use FROM account a LEFT JOIN reseller r USING (reseller_id)"
    " WHERE a.shard = $1 AND a.account_id = $2"
)
# $1 is the shard, $2 the account.
_SECTIONS: Final[Mapping[str, str]] = {
    "purchases": "SELECT p.*, d.code AS product FROM purchase p JOIN product d USING (product_id)"
    " WHERE $1::smallint >= 0 AND account_id = $2 ORDER BY purchase_id",
    "charges": "SELECT * FROM charge WHERE $1::smallint >= 0 AND account_id = $2 ORDER BY charge_id",
    "payments": "SELECT * FROM payment WHERE $1::smallint >= 0 AND (purchase_id IN"
    " (SELECT purchase_id FROM purchase WHERE account_id = $2) OR charge_id IN"
    " (SELECT charge_id FROM charge WHERE account_id = $2)) ORDER BY payment_id",
    "subscriptions": "SELECT s.*, d.code AS product FROM subscription s JOIN product d USING (product_id)"
    " WHERE shard = $1 AND account_id = $2 ORDER BY subscription_id",
    "update_plans": "SELECT u.*, d.code AS product FROM update_plan u JOIN product d USING (product_id)"
    " WHERE shard = $1 AND account_id = $2 ORDER BY plan_id",
    "mails": "SELECT * FROM mail WHERE $1::smallint >= 0 AND subject = $2 ORDER BY mail_id",
    "consents": "SELECT * FROM consent WHERE shard = $1 AND account_id = $2 ORDER BY told_at, consent_id",
    "acceptances": "SELECT * FROM acceptance WHERE $1::smallint >= 0 AND subject = $2 ORDER BY acceptance_id",
    "requests": "SELECT * FROM privacy_request WHERE shard = $1 AND account_id = $2 ORDER BY request_id",
    "sessions": "SELECT * FROM session WHERE $1::smallint >= 0 AND person_kind = 3 AND person_id = $2"
    " ORDER BY session_id",
    "password_links": "SELECT * FROM password_link WHERE $1::smallint >= 0 AND person_kind = 3"
    " AND person_id = $2 ORDER BY made_at",
    "refusals": "SELECT * FROM refusal_trace WHERE shard = $1 AND account_id = $2 ORDER BY refused_at",
    "billing": "SELECT * FROM billing_identity WHERE shard = $1 AND account_id = $2",
    "events": f"{EVENTS} WHERE e.shard = $1 AND e.about = $2 ORDER BY e.happened, e.event_id",
}


async def read_account_told(connection: Connection, account_id: int) -> Mapping[str, Any] | None:
    """Return the account itself, or None."""
    row = await connection.fetchrow(_ACCOUNT, shard_of(account_id), account_id)
    return None if row is None else dict(row)


async def read_sections(connection: Connection, account_id: int) -> dict[str, Rows]:
    """Return the rows of each section of an account's copy."""
    shard = shard_of(account_id)
    return {
        name: [dict(row) for row in await connection.fetch(sql, shard, account_id)]
        for name, sql in _SECTIONS.items()
    }


async def count_copies(connection: Connection, account_id: int) -> int:
    """Return how many copies were made of an account's data."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM event WHERE shard = $1 AND about = $2 AND kind = $3 AND details ? 'copy'",
        shard_of(account_id),
        account_id,
        EventKind.EXPORTED,
    )
    return count
