"""What people wait for is found by an index, however many accounts there are, however long a history."""

import json

import pytest

from activation.licensing.identifiers import make_id
from activation.storage.accounts import PersonalField
from activation.storage.identity.password_links import find_people
from activation.storage.identity.people import become_tenant
from activation.storage.licenses import finding, histories, owners
from activation.storage.reselling.assignments import read_share
from activation.storage.reselling.customers import find_by_emails, find_customers

ACCOUNTS = 4000
SHARD = 7
ONE = make_id(SHARD, 7)
LICENSE = ONE + (1 << 30)
RESELLER = 9
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
INSERT INTO reseller (reseller_id, name, created_at) VALUES ({RESELLER}, 'Reseller', 1);
UPDATE account SET reseller_id = {RESELLER} WHERE account_id % 20 = 0;
INSERT INTO pool_entry
    (reseller_id, product_id, major, kind, seq, delta, balance, why, account_id, entered_at)
    SELECT {RESELLER}, 1, 5, 0, n, 1, n, 2, (n % 256)::bigint << 55 | n, 1 FROM generate_series(1, 500) n;
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
    "find_people": lambda on: find_people(on, f"mail-{ONE}@example.com", 1, [], 5),
    "read_share": lambda on: read_share(on, RESELLER),
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


@pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
async def test_no_name_of_a_kind_that_is_not_wanted_is_read(connection):
    await connection.execute(CROWD)
    await connection.execute("ANALYZE")
    explainer = Explainer(connection)
    assert await finding.find_beginnings(explainer, "mail-", [PersonalField.LOGIN], 40) == []
    [condition] = [found for plan in explainer.plans for found in conditions(plan) if "lower(value)" in found]
    assert "(field = wanted.wanted)" in condition


def conditions(plan):
    if "Index Cond" in plan:
        yield plan["Index Cond"]
    for below in plan.get("Plans", ()):
        yield from conditions(below)


class Measurer(Explainer):
    """A connection that counts the blocks that an answer takes."""

    def __init__(self, connection):
        super().__init__(connection)
        self.blocks = []

    async def fetch(self, sql, *values):
        told = await self._connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *values)
        self.blocks.append(json.loads(told)[0]["Plan"]["Shared Hit Blocks"])
        return await self._connection.fetch(sql, *values)


async def test_p5_a_tenant_s_search_does_not_ask_of_each_row_whose_it_is(connection):
    await connection.execute(CROWD)
    await connection.execute("ANALYZE")
    number, [email, others] = (
        await connection.fetchval("SELECT count(*) FROM account WHERE reseller_id = $1", RESELLER),
        await connection.fetchrow(
            "SELECT max(value) FILTER (WHERE reseller_id = $1), max(value) FILTER (WHERE reseller_id IS NULL)"
            " FROM personal JOIN account ON account_id = subject WHERE field = 3",
            RESELLER,
        ),
    )
    measurer = Measurer(connection)
    async with connection.transaction():
        await become_tenant(connection, RESELLER)
        for _ in range(2):  # what is asked for first reads the catalogue, too
            measurer.blocks.clear()
            assert await find_customers(measurer, RESELLER, "nobody is called so", 0, 0, 50) == []
            assert list(await find_by_emails(measurer, RESELLER, [email, others])) == [email]
    searching, by_email = measurer.blocks
    assert searching < 6 * number
    assert by_email < 30
