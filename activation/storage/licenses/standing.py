"""Changing the standing of many licences at once: suspended, reinstated, revoked, ended, extended, orphaned.

Each is one statement behind a lock on the holdings, whose versions it raises, so that a batch under way
decides again; every licence that changes gets an event.
"""

from collections.abc import Sequence
from dataclasses import field
from typing import Any, Final

from activation.licensing.events import ROLE_NUMBERS, Event
from activation.licensing.identifiers import NUMBER_MASK, shard_of
from activation.licensing.model import Hold, LicenseKind, LicenseState
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement

PATIENCE_S: Final = 300.0
"""How long one change of standing may take: a reseller may have hundreds of thousands of licences."""
_ACTIVE, _SUSPENDED, _REVOKED = (
    int(LicenseState.ACTIVE),
    int(LicenseState.SUSPENDED),
    int(LicenseState.REVOKED),
)


@value
class Where:
    """Which licences: all conditions that are given must hold, and one at least is given.

    `subscription_id` and `product_id` go with an `account_id`.
    """

    license_ids: Sequence[int] | None = field(default=None, hash=False)
    reseller_id: int | None = None
    purchase_id: int | None = None
    account_id: int | None = None
    product_id: int | None = None
    subscription_id: int | None = None
    kind: LicenseKind | None = None


@value
class Alteration:
    """What each licence is set to, unless it stands so already. `{arg}` is its argument, if it takes one."""

    sets: str
    unless: str


HOLD: Final = Alteration(
    f"holds = l.holds | {{arg}}, state = {_SUSPENDED}",
    f"l.state = {_REVOKED} OR l.holds & {{arg}} = {{arg}}",
)
RELEASE: Final = Alteration(
    f"holds = l.holds & ~{{arg}},"
    f" state = CASE WHEN l.holds & ~{{arg}} = 0 THEN {_ACTIVE} ELSE {_SUSPENDED} END",
    f"l.state = {_REVOKED} OR l.holds & {{arg}} = 0",
)
REVOKE: Final = Alteration(f"holds = 0, state = {_REVOKED}", f"l.state = {_REVOKED}")
END: Final = Alteration(
    "ends_at = {arg}", f"l.state = {_REVOKED} OR coalesce(l.ends_at, 9223372036854775807) <= {{arg}}"
)
EXTEND: Final = Alteration(
    "ends_at = {arg}", f"l.state = {_REVOKED} OR coalesce(l.ends_at, 9223372036854775807) >= {{arg}}"
)
ORPHAN: Final = Alteration(
    "orphaned = true, updates_until = least(coalesce(l.updates_until, {arg}), {arg})", "l.orphaned"
)
UPDATES: Final = Alteration(
    "updates_until = {arg}",
    f"l.state = {_REVOKED} OR l.orphaned OR l.updates_until IS NOT DISTINCT FROM {{arg}}",
)


async def alter_licenses(
    connection: Connection, where: Where, alteration: Alteration, arg: int, event: Event
) -> list[int]:
    """Alter the licences chosen and tell of each by an event like `event`; return their ids.

    `arg` is Hold's bits or a time in seconds since 1970, as the alteration needs.
    """
    await lock_licenses(connection, where)
    chosen, values = _conditions(where)
    whence = event.whence
    own = (
        arg,
        event.event_id & NUMBER_MASK,
        event.kind,
        event.actor,
        event.actor_id,
        event.rule,
        event.trace_id,
        event.details,
        None if event.role is None else ROLE_NUMBERS[event.role],
        *((None, None, None) if whence is None else (whence.digest, whence.noted_at, whence.address)),
    )
    sql = statement("alter_chosen").format(
        chosen=chosen.format(*_numbers(values, len(own) + 1)),
        sets=alteration.sets.format(arg="$1::bigint"),
        unless=alteration.unless.format(arg="$1::bigint"),
    )
    rows = await connection.fetch(sql, *own, *values, timeout=PATIENCE_S)
    return [row[0] for row in rows]


async def lock_licenses(connection: Connection, where: Where) -> None:
    """Keep the holdings of the licences chosen until the caller's transaction ends."""
    chosen, values = _conditions(where)
    lock = statement("lock_chosen").format(chosen=chosen.format(*_numbers(values, 1)))
    await connection.execute(lock, *values, timeout=PATIENCE_S)


def _numbers(values: Sequence[Any], first: int) -> list[str]:
    return [f"${n}" for n in range(first, first + len(values))]


def _conditions(where: Where) -> tuple[str, list[Any]]:
    """Return the conditions on a licence `l`, with `{}` where a value goes, and the values."""
    given: list[tuple[str, Any]] = []
    if where.license_ids is not None:
        sql = "(l.shard, l.license_id) IN (SELECT (k >> 55)::smallint, k FROM unnest({}::bigint[]) AS k)"
        given.append((sql, list(where.license_ids)))
    if where.account_id is not None:
        given.append(("l.shard = {}::smallint", shard_of(where.account_id)))
    for column in ("reseller_id", "purchase_id", "account_id", "product_id", "subscription_id", "kind"):
        wanted = getattr(where, column)
        if wanted is not None:
            given.append((f"l.{column} = {{}}", wanted))
    if not given:
        raise ValueError("which licences must be said")
    return " AND ".join(sql for sql, _ in given), [wanted for _, wanted in given]


def hold_words(holds: int) -> list[str]:
    """Return the reasons behind Hold's bits in words."""
    return [(hold.name or "").lower() for hold in Hold if hold & holds]
