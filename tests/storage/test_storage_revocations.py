"""The revoked certificates are found from the few that ended, however many are good."""

import json

import pytest

from activation.storage.licenses.revocations import list_revoked
from activation.storage.statements import statement

FILES = 3000
CROWD = f"""
INSERT INTO product (product_id, code, name) VALUES (1, 'softphone', 'Softphone') ON CONFLICT DO NOTHING;
INSERT INTO account (account_id, created_at, shard, owner_hash)
    SELECT (n % 256)::bigint << 55 | n, 1, n % 256, '\\x00' FROM generate_series(1, {FILES}) n;
INSERT INTO holding (account_id, shard, product_id, licenses) SELECT account_id, shard, 1, 1 FROM account;
INSERT INTO license (license_id, account_id, created_at, shard, product_id, major)
    SELECT account_id + (1 << 30), account_id, 1, shard, 1, 5 FROM holding;
INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment, online)
    SELECT license_id + (1 << 30), license_id, 1, shard, 0, 1, '\\x01', false FROM license;
INSERT INTO offline_file (request_hash, shard, account_id, license_id, activation_id, made_at, issued_at, kid,
    jti, pepper, answer)
    SELECT decode(md5(license_id::text), 'hex'), shard, account_id, license_id, license_id + (1 << 30), 1,
    account_id & 1048575, 'kid', license_id::text, 1, '\\x00' FROM license;
"""


@pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
async def test_nothing_is_read_from_end_to_end(connection):
    await connection.execute(CROWD)
    assert (await list_revoked(connection, 10)).found == 0
    await connection.execute("UPDATE license SET state = 2 WHERE account_id & 1048575 IN (10, 20, 30)")
    await connection.execute(
        "UPDATE activation SET ended_at = 9, ended_why = 5 WHERE activation_id & 1048575 IN (20, 40)"
    )
    await connection.execute("ANALYZE")
    ids = dict(await connection.fetch("SELECT account_id & 1048575, license_id::text FROM license"))
    revoked = await list_revoked(connection, 3)
    assert revoked.certificates == (ids[40], ids[30], ids[20])
    assert revoked.found == 4
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement('list_revoked')}", 10)
    assert "Seq Scan" not in json.dumps(json.loads(plan))
