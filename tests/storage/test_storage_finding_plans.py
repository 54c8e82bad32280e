"""What an agent waits for is found by an index, however many accounts there are, however long a history."""

import json

import pytest

from activation.licensing.identifiers import make_id
from activation.storage.accounts import PersonalField
from activation.storage.licenses import finding, histories, owners

ACCOUNTS = 4000
SHARD = 7
ONE = make_id(SHARD, 7)
LICENSE = ONE + (1 << 30)
GUARDED = {"account", "personal", "license", "activation", "event", "license_note", "offline_file"}
CROWD = f"""
INSERT INTO product (product_id, code, name) VALUES (1, 'softphone', 'Softphone');
INSERT INTO account (account_id, created_at, shard, owner_hash)
    SELECT (n % 256)::bigint << 55 | n, 1, n % 256, '\\x00' FROM generate_series(1, {ACCOUNTS}) n;
INSERT INTO holding (account_id, shard, product_id, licenses) SELECT account_id, shard, 1, 1 FROM account;
INSERT INTO license (license_id, account_id, created_at, shard, product_id, major)
    SELECT account_id + (1 << 30), account_id, 1, shard, 1, 5 FROM holding;
INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment)
    SELECT license_id + (1 << 30), license_id, 1, shard, 0, 1, '\\x01' FROM license;
INSERT INTO personal (subject, shard, field, value)
    SELECT account_id, shard, 1, 'login-' || account_id FROM account
    UNION ALL SELECT account_id, shard, 3, 'mail-' || account_id || '@example.com' FROM account
    UNION ALL SELECT activation_id, shard, 6, 'laptop-' || activation_id FROM activation;
INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)
    SELECT license_id, activation_id, shard, 1, 1, 'L1', 't' FROM activation;
INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)
    SELECT {LICENSE}, {LICENSE} + n, {SHARD}, 2 + 98 * (n % 2), 1, 'D4', 't' FROM generate_series(1, 10000) n;
INSERT INTO license_note (note_id, license_id, shard, noted_at, note)
    SELECT activation_id, license_id, shard, 1, 'x' FROM activation;
INSERT INTO offline_file
    SELECT int8send(activation_id), shard, 1, license_id, activation_id, NULL, 1, 1, NULL, 'k',
        activation_id::text, 1, '' FROM activation;
"""
SEARCHES = {
    "find_accounts": lambda on: finding.find_accounts(on, "login-77"),
    "find_device_names": lambda on: finding.find_device_names(on, "laptop-77"),
    "find_beginnings": lambda on: finding.find_beginnings(on, "laptop-7", list(PersonalField), 40),
    "find_certificate": lambda on: finding.find_certificate(on, "77"),
    "find_of": lambda on: finding.find_of(on, [ONE], [ONE + (2 << 30)], 0, 20),
    "read_found_accounts": lambda on: finding.read_found_accounts(on, [ONE]),
    "read_happenings": lambda on: histories.read_happenings(on, LICENSE, 31, with_looks=False),
    "read_notes_between": lambda on: histories.read_notes_between(on, LICENSE, 0, 9),
    "read_device_names": lambda on: histories.read_device_names(on, LICENSE, [ONE]),
    "read_owner": lambda on: owners.read_owner(on, ONE, [PersonalField.LOGIN]),
    "list_of_account": lambda on: owners.list_of_account(on, ONE, LICENSE, 21),
}


class Explainer:
    """A connection that explains what it is asked."""

    def __init__(self, connection):
        self._connection, self.plans = connection, []

    async def fetch(self, sql, *values):
        told = await self._connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
        self.plans.append(json.loads(told)[0]["Plan"])
        return await self._connection.fetch(sql, *values)

    async def fetchrow(self, sql, *values):
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None

    async def fetchval(self, sql, *values):
        row = await self.fetchrow(sql, *values)
        return row[0] if row is not None else None


def scans(plan):
    if plan.get("Relation Name") in GUARDED and "Scan" in plan["Node Type"]:
        yield plan["Node Type"], plan["Relation Name"]
    for below in plan.get("Plans", ()):
        yield from scans(below)


@pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
async def test_no_search_reads_a_table_from_end_to_end(connection):
    await connection.execute(CROWD)
    await connection.execute("ANALYZE")
    for name, ask in SEARCHES.items():
        explainer = Explainer(connection)
        await ask(explainer)
        found = [scan for plan in explainer.plans for scan in scans(plan)]
        assert found, name
        assert [scan for scan in found if scan[0] == "Seq Scan"] == [], name
