"""Traces of refusals: kept for refusals only, in a table that a crash may empty (`sweeps`: for 30 days)."""

import json
from collections.abc import Sequence
from typing import Any

from activation.licensing.identifiers import SHARDS, shard_of
from activation.licensing.values import value
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection, Row

_COLUMNS = "trace_id, refused_at, route, code, rule, account_id, license_id, person_id, weighed::text"
_ALL_SHARDS = list(range(SHARDS))
_NAMED = 200


@value
class Trace:
    """One refusal: its name on the phone, when (seconds since 1970), at which address, and why.

    `weighed` is a list of rule, question, outcome and facts. Never a name, an address, a serial or a digest.
    """

    trace_id: str
    refused_at: int
    route: str
    code: str
    rule: str
    account_id: int | None
    license_id: int | None
    person_id: int | None
    weighed: list[dict[str, Any]]

    @property
    def shard(self) -> int:
        """Return the shard of whom it concerns, 0 when it concerns nobody."""
        about = self.account_id or self.license_id
        return 0 if about is None else shard_of(about)


async def add_traces(connection: Connection, traces: Sequence[Trace]) -> None:
    """Keep traces, in one statement. One that is there already is left as it is."""
    columns: list[list[Any]] = [[] for _ in range(10)]
    for trace in traces:
        row = (
            trace.trace_id,
            trace.refused_at,
            trace.shard,
            trace.route,
            trace.code,
            trace.rule,
            trace.account_id,
            trace.license_id,
            trace.person_id,
            json.dumps(trace.weighed),
        )
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
    await connection.execute(
        "INSERT INTO refusal_trace (trace_id, refused_at, shard, route, code, rule, account_id, license_id,"
        " person_id, weighed) SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::text[],"
        " $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::jsonb[])"
        " ON CONFLICT DO NOTHING",
        *columns,
    )


async def find_known(connection: Connection, account_ids: Sequence[int]) -> set[int]:
    """Return those of these accounts that there are."""
    rows = await connection.fetch(
        "SELECT account_id FROM unnest($1::bigint[]) AS k JOIN account"
        " ON shard = (k >> 55)::smallint AND account_id = k",
        account_ids,
    )
    return {row[0] for row in rows}


async def find_traces(connection: Connection, trace_id: str) -> list[Trace]:
    """Return the refusals of this name, the newest first; nearly always one, in whichever shard."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM refusal_trace WHERE shard = ANY($1::smallint[]) AND trace_id = $2"  # noqa: S608
        " ORDER BY refused_at DESC",
        _ALL_SHARDS,
        trace_id,
    )
    return [_trace(row) for row in rows]


async def list_traces(connection: Connection, account_id: int) -> list[Trace]:
    """Return an account's refusals, the newest 200."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM refusal_trace WHERE shard = $1 AND account_id = $2"  # noqa: S608
        " ORDER BY refused_at DESC, trace_id LIMIT $3",
        shard_of(account_id),
        account_id,
        _NAMED,
    )
    return [_trace(row) for row in rows]


def _trace(row: Row) -> Trace:
    return Trace(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], json.loads(row[8]))


async def is_restricted(connection: Connection, trace: Trace) -> bool:
    """Tell whether what the person gave whom it concerns may be kept only (G3)."""
    restricted: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM account WHERE shard = $1 AND restricted_at IS NOT NULL AND account_id IN"
        " ($2, (SELECT account_id FROM license WHERE shard = $1 AND license_id = $3)))",
        trace.shard,
        trace.account_id,
        trace.license_id,
    )
    return restricted


@value
class Whom:
    """What is known of whom a trace concerns: the account's and its device's data, and who of us acted."""

    personal: dict[PersonalField, str]
    person_login: str | None


async def read_whom(connection: Connection, trace: Trace, fields: Sequence[PersonalField]) -> Whom:
    """Return these fields of the account, and of the device that holds the licence now."""
    rows = await connection.fetch(
        "SELECT field, value FROM personal WHERE shard = $1 AND subject = $2 AND field = ANY($4::smallint[])"
        " UNION ALL SELECT field, value FROM personal JOIN activation a ON a.shard = personal.shard"
        " AND a.activation_id = subject WHERE a.shard = $1 AND a.license_id = $3 AND a.ended_at IS NULL"
        " AND field = ANY($4::smallint[])",
        trace.shard,
        trace.account_id,
        trace.license_id,
        list(fields),
    )
    login = await connection.fetchval(
        "SELECT login FROM staff WHERE staff_id = $1"
        " UNION ALL SELECT login FROM reseller_user WHERE user_id = $1 LIMIT 1",
        trace.person_id,
    )
    return Whom({PersonalField(row[0]): row[1] for row in rows}, login)
