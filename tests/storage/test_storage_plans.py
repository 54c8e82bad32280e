"""No statement of the hot path ever reads a table from end to end, however many accounts there are."""

import json
import re

import pytest
from licensing.sample_holdings import SHARD, granted
from storage.sample_accounts import PEPPER, add_holding, ask_for, read, write_of

from activation.licensing.identifiers import make_id
from activation.licensing.model import SMALL_HOLDING
from activation.storage.reading import Ask, lock_holdings, read_holdings
from activation.storage.statements import statement
from activation.storage.writing import find_events, write_changes

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions

ACCOUNTS = 4000
GUARDED = {"account", "holding", "license", "activation", "seat", "event"}
BATCH = ("read_holdings", "read_seats", "write_changes", "lock_holdings", "find_events")
CROWD = f"""
INSERT INTO account (account_id, created_at, shard, owner_hash)
    SELECT (n % 256)::bigint << 55 | n, 1, n % 256, '\\x00' FROM generate_series(100, {ACCOUNTS}) n;
INSERT INTO holding (account_id, shard, product_id, licenses)
    SELECT account_id, shard, 1, 1 FROM account WHERE account_id & 1048575 >= 100;
INSERT INTO license (license_id, account_id, created_at, shard, product_id, major)
    SELECT account_id + (1 << 30), account_id, 1, shard, 1, 5 FROM holding
    WHERE account_id & 1048575 >= 100;
INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment)
    SELECT license_id + (1 << 30), license_id, 1, shard, 0, 1, '\\x01' FROM license
    WHERE account_id & 1048575 >= 100;
INSERT INTO seat (digest, activation_id, shard)
    SELECT gen_random_uuid(), activation_id, shard FROM activation;
INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)
    SELECT license_id, activation_id, shard, 1, 1, 'L1', 't' FROM activation;
"""


class Recorder:
    """A connection that remembers what was asked of it."""

    def __init__(self, connection):
        self._connection = connection
        self.asked = {}

    async def fetch(self, sql, *values):
        self.asked[sql] = values
        return await self._connection.fetch(sql, *values)

    async def execute(self, sql, *values):
        self.asked[sql] = values
        return await self._connection.execute(sql, *values)


def scans(plan):
    """Walk over all nodes of a plan that read one of the guarded tables."""
    if plan.get("Relation Name") in GUARDED and "Scan" in plan["Node Type"]:
        yield plan
    for below in plan.get("Plans", ()):
        yield from scans(below)


def check(name, explained):
    found = list(scans(json.loads(explained)[0]["Plan"]))
    assert found, name
    for scan in found:
        assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}, (name, scan)
        # An index read from end to end would be no better: the shard is compared with what is asked for.
        assert "shard = " in scan["Index Cond"], (name, scan)
    return {scan["Relation Name"] for scan in found}


async def crowd(connection):
    """Thousands of accounts, one small holding to work on and one large."""
    small, large = await add_holding(connection, 2, 1), await add_holding(connection, 40, 2)
    await connection.execute(CROWD)
    await connection.execute("ANALYZE")
    return small, large


async def work(connection, small, large):
    """Let a batch go all its ways; return each statement with what it was asked."""
    recorder = Recorder(connection)
    scenes = [await read(connection, account_id, "laptop") for account_id in (small, large)]
    verdicts = [granted(scene.activate("laptop")) for scene in scenes]
    writes = [write_of(scene.holding, verdict) for scene, verdict in zip(scenes, verdicts, strict=True)]
    await write_changes(connection, writes, PEPPER)
    again = [await read(connection, account_id, "laptop") for account_id in (small, large)]
    moves = [granted(scene.activate("new", move=True, named=scene.licenses[0])) for scene in again]
    writes = [write_of(scene.holding, verdict) for scene, verdict in zip(again, moves, strict=True)]
    asks = [
        ask_for(small, "laptop"),
        ask_for(large, "laptop", "desktop", named=make_id(SHARD, 2030)),
        Ask(license_id=make_id(SHARD, 1001)),
    ]
    await read_holdings(recorder, asks)
    await write_changes(recorder, writes, PEPPER)
    await lock_holdings(recorder, asks)
    await find_events(recorder, [event for each in writes for event in each.events])
    return {name: recorder.asked[statement(name)] for name in BATCH}


async def test_with_the_values_of_a_batch_every_scan_is_by_index(connection):
    asked = await work(connection, *await crowd(connection))
    touched = set()
    for name, values in asked.items():
        explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement(name)}", *values)
        touched |= check(name, explained)
    assert touched >= GUARDED - {"event"}


async def test_a_licences_history_is_read_by_index(connection):
    await crowd(connection)
    asked = (SHARD, make_id(SHARD, 1001), 50)
    explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement('read_history')}", *asked)
    assert check("read_history", explained) == {"activation"}


@pytest.mark.parametrize("name", BATCH)
async def test_a_plan_kept_for_any_values_scans_by_index(connection, name):
    await crowd(connection)
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE kept AS {statement(name)}")
    numbers = {int(n) for n in re.findall(r"\$(\d+)", statement(name))}
    values = ["'{}'"] * max(numbers)
    if name == "read_holdings":
        values[3] = str(SMALL_HOLDING)
    if name == "read_seats":
        values[11] = "1"
    if name == "write_changes":
        values[0] = str(PEPPER)
    check(name, await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE kept({', '.join(values)})"))


async def test_a_plan_made_while_the_tables_were_empty_scans_by_index(connection):
    """What a worker plans on its first day it may keep for months."""
    small, large = await add_holding(connection, 2, 1), await add_holding(connection, 40, 2)
    for name, values in (await work(connection, small, large)).items():
        explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement(name)}", *values)
        check(name, explained)
