"""The schema: the same on both versions, made once however often it is asked for, and what it guards."""

import asyncio
import sys

import asyncpg
import pytest

from activation.storage.migrations.checking import (
    NotMigratedError,
    assert_migrated,
    ensure_migrated,
    newest_revision,
    read_revision,
)
from activation.storage.migrations.running import migrate

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions

# As in migrations/env.py, which only Alembic can import.
MIGRATION_LOCK = 4_207_849_484
_WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# Tables without a shard: a few rows about the licensor itself, or failures by a digest of anything.
NO_ACCOUNTS = {
    "activity",
    "activity_counted",
    "installation",
    "database_id",
    "pepper_used",
    "product",
    "failed_credential",
    "allowance",
    "staff",
    "staff_token",
    "reseller",
    "reseller_user",
    "schema_version",
    "account_by_email",
    "acceptance",
    "build",
    "charge",
    "hook",
    "hook_delivery",
    "hook_message",
    "idempotency",
    "import_file",
    "mail",
    "occasion",
    "payment",
    "pool_entry",
    "assigned_sheet",
    "price",
    "purchase",
    "reseller_token",
    "terms_text",
    "password_link",
    "recovery_code",
    "retention_run",
    "seal",
    "session",
}
# A reseller's own rows lie in all shards: found on every node, as its pages seldom are.
OF_RESELLERS = {
    "account_newest",
    "account_of_reseller",
    "license_of_reseller",
    "license_of_purchase",
    "override_of_staff",
}
OF_JOBS = {
    "activation_superseded",
    "subscription_running",
    "update_plan_running",
    "override_waiting",
    "override_by_time",
    "event_by_xid",
    "event_looks",
    "event_by_person",
    "privacy_request_due",
    "refusal_trace_age",
}
# Staff search all accounts for a name: on every node.
OF_SEARCHES = {"personal_named"}
# Text may say something about a person. What an account's person gave stands in `personal` and nowhere else;
# these say nothing about one, or are the licensor's and resellers' own people and staff's words.
TEXTS = {
    "offline_file.jti",
    "offline_file.kid",
    "personal.value",
    "product.code",
    "product.name",
    "product.policy",
    "product.install_id_platforms",
    "reset.reason",
    "reset.note",
    "event.rule",
    "event.trace_id",
    "event.details",
    "staff.login",
    "staff.role",
    "staff_token.name",
    "reseller.name",
    "reseller_user.login",
    "reseller_user.role",
    "schema_version.version_num",
    "activity.reason",
    "acceptance.address",
    "acceptance.version",
    "build.version",
    "charge.amount",
    "charge.note",
    "charge.paid",
    "hook.kinds",
    "hook.url",
    "hook_delivery.last_error",
    "hook_message.kind",
    "hook_message.payload",
    "idempotency.content_type",
    "idempotency.key",
    "import_file.name",
    "license_note.note",
    "mail.last_error",
    "mail.once_key",
    "mail.params",
    "mail.template",
    "override.note",
    "override.reason",
    "payment.amount",
    "payment.method",
    "payment.reference",
    "price.unit",
    "purchase.paid",
    "purchase.reference",
    "purchase.total",
    "purchase.unit",
    "reseller.deletion_evidence",
    "reseller.retail_discount",
    "reseller.terminated_why",
    "reseller_token.name",
    "subscription.ended_why",
    "subscription.fee",
    "subscription.refund",
    "subscription.setup_fee",
    "terms_text.body",
    "terms_text.version",
    "update_plan.fee",
    "billing_identity.address",
    "billing_identity.name",
    "consent.how",
    "consent.purpose",
    "consent.version",
    "event_address.address",
    "privacy_request.answer",
    "privacy_request.asked_how",
    "privacy_request.verified_how",
    "refusal_trace.code",
    "refusal_trace.route",
    "refusal_trace.rule",
    "refusal_trace.trace_id",
    "refusal_trace.weighed",
    "reseller_token.scopes",
    "reseller_user.password_phc",
    "retention_run.rule",
    "seal.delegation",
    "seal.signed",
    "session.address",
    "session.browser",
    "staff.password_phc",
    "staff_token.scopes",
}


async def tables(connection):
    return {
        row[0]
        for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    }


async def test_migrating_makes_the_schema_and_again_is_harmless(empty_dsn):
    with pytest.raises(NotMigratedError, match="schema none, this release needs 0006: activation migrate"):
        await asyncio.to_thread(assert_migrated, empty_dsn)
    for run in (migrate, migrate, ensure_migrated):
        await asyncio.to_thread(run, empty_dsn)
        await asyncio.to_thread(assert_migrated, empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    assert {"account", "holding", "license", "activation", "seat", "event"} <= await tables(connection)
    assert [row[0] for row in await connection.fetch("SELECT version_num FROM schema_version")] == [
        newest_revision()
    ]
    await connection.close()


async def test_an_empty_database_is_migrated_when_needed(empty_dsn):
    assert await asyncio.to_thread(read_revision, empty_dsn) is None
    assert await asyncio.to_thread(ensure_migrated, empty_dsn) == newest_revision()
    assert await asyncio.to_thread(read_revision, empty_dsn) == newest_revision()


async def test_several_that_migrate_at_once_are_harmless(empty_dsn):
    """In two processes, as servers that start at once are; neither begins until both are about to."""
    program = "import sys; from activation.storage.migrations.running import migrate; migrate(sys.argv[1])"
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty_dsn)
    own = asyncio.create_task(asyncio.to_thread(migrate, empty_dsn))
    async with asyncio.timeout(60):
        while await connection.fetchval(_WAITING) < 2:
            assert not own.done()
            assert other.returncode is None
            await asyncio.sleep(0.02)
    await connection.execute("SELECT pg_advisory_unlock($1)", MIGRATION_LOCK)
    await own
    assert await other.wait() == 0
    assert await connection.fetchval("SELECT count(*) FROM schema_version") == 1
    await connection.close()
    await asyncio.to_thread(assert_migrated, empty_dsn)


async def test_a_migration_that_fails_leaves_nothing(empty_dsn):
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute("CREATE TABLE staff (in_the_way integer)")
    with pytest.raises(Exception, match="already exists"):
        await asyncio.to_thread(migrate, empty_dsn)
    assert await tables(connection) == {"staff"}
    await connection.close()


async def test_a_database_of_another_release_is_refused(dsn, connection):
    await connection.execute("UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(NotMigratedError, match="schema 9999, this release needs 0006"):
        await asyncio.to_thread(assert_migrated, dsn)


async def test_every_table_of_an_account_begins_its_keys_with_the_shard(connection):
    first_of_key = dict(
        await connection.fetch(
            "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
            " WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace"
        )
    )
    sharded = await tables(connection) - NO_ACCOUNTS
    assert len(sharded) >= 8
    assert {table: first_of_key[table] for table in sharded} == dict.fromkeys(sharded, "shard")


async def test_every_index_of_an_account_begins_with_the_shard(connection):
    rows = await connection.fetch(
        "SELECT c.relname, i.indexrelid::regclass::text, a.attname FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " WHERE c.relnamespace = 'public'::regnamespace"
    )
    apart = OF_RESELLERS | OF_JOBS | OF_SEARCHES
    others = {
        (index, column) for table, index, column in rows if table not in NO_ACCOUNTS and column != "shard"
    }
    assert {index for index, _ in others} == apart


async def test_personal_data_stands_only_in_personal(connection):
    rows = await connection.fetch(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema"
        " = 'public' AND data_type NOT IN ('bigint', 'integer', 'smallint', 'boolean', 'bytea', 'uuid',"
        " 'double precision', 'timestamp with time zone')"
    )
    assert {row[0] for row in rows} == TEXTS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET rule = 'L2'",
        "DELETE FROM event",
        "TRUNCATE event",
        "INSERT INTO event SELECT * FROM event ON CONFLICT (shard, about, event_id) DO UPDATE SET actor = 0",
    ],
)
async def test_an_event_never_changes(connection, statement):
    await connection.execute(
        "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id)"
        " VALUES (1, 2, 0, 1, 1, 'L1', 't')"
    )
    with pytest.raises(asyncpg.RestrictViolationError, match="event only takes new rows"):
        await connection.execute(statement)
    assert await connection.fetchval("SELECT rule FROM event") == "L1"


async def test_one_current_activation_in_each_slot_of_a_licence(connection):
    insert = (
        "INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment,"
        " ended_at, ended_why) VALUES ($1, 5, 1, 3, $2, 1, '', $3, $4)"
    )
    await connection.execute(insert, 1, 0, None, None)
    await connection.execute(insert, 2, 1, None, None)
    await connection.execute(insert, 3, 0, 10, 1)
    await connection.execute(insert, 4, 0, 11, 1)
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await connection.execute(insert, 5, 0, None, None)
    assert caught.value.constraint_name == "activation_slot"
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(insert, 6, 2, 10, None)
