-- What fills the demo's database behind the accounts that `activation licenses seed` made. Run statement by
-- statement, each in a transaction of its own. `given` is one row of what the run chose.

-- The seeded accounts by number: in parts of these the large tables are written.
CREATE UNLOGGED TABLE numbered AS
SELECT row_number() OVER (ORDER BY license_id) AS n, l.shard, l.account_id, l.license_id,
    (l.shard::bigint << 55) | (row_number() OVER (ORDER BY license_id)) AS activation_id
FROM license l JOIN personal p ON p.shard = l.shard AND p.subject = l.account_id AND p.field = 1
WHERE p.value LIKE 'load-%';

CREATE UNIQUE INDEX ON numbered (n);

-- The times are those of the past year, and ids grow with them.
CREATE FUNCTION id_at(shard smallint, at double precision, n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT (shard::bigint << 55) | (greatest(0, (at * 1000)::bigint - 1767225600000) << 14) | (n & 16383) $$;

-- [each part] Names, e-mails, a device on nine of ten licences, its name.
INSERT INTO personal (subject, shard, field, value)
SELECT account_id, shard, 2, 'Customer ' || n FROM numbered WHERE n BETWEEN $1 AND $2
UNION ALL
SELECT account_id, shard, 3, 'customer' || n || '@example.com' FROM numbered WHERE n BETWEEN $1 AND $2
UNION ALL
SELECT activation_id, shard, 6, 'DESKTOP-' || upper(substr(md5(n::text), 1, 7)) FROM numbered
WHERE n BETWEEN $1 AND $2 AND n % 10 <> 0;

-- [each part]
INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment)
SELECT activation_id, license_id, now - n % 31000000, shard, 0, pepper, enrolment FROM numbered, given
WHERE n BETWEEN $1 AND $2 AND n % 10 <> 0
ON CONFLICT DO NOTHING;

-- [each part] An event of each activation, and a second one: looks, resets by agents, moves.
INSERT INTO event (about, event_id, happened, actor_id, activation_id, shard, kind, actor, rule, trace_id, role, details)
SELECT license_id, id_at(shard, now - n % 31000000 + which, n * 2 + which), to_timestamp(now - n % 31000000 + which),
    CASE WHEN which = 0 THEN account_id ELSE staff_id END, CASE WHEN which = 0 THEN activation_id END, shard,
    CASE WHEN which = 0 THEN 1 WHEN n % 3 = 0 THEN 4 ELSE 100 END, CASE WHEN which = 0 THEN 1 ELSE 4 END,
    CASE WHEN which = 0 THEN 'L2' WHEN n % 3 = 0 THEN 'R4' ELSE 'G6' END,
    'aaaa-' || lpad(to_hex(n % 65536), 4, '0'), CASE WHEN which = 1 THEN 3 END,
    CASE WHEN which = 0 THEN NULL
        WHEN n % 3 = 0 THEN jsonb_build_object('reason', reasons[1 + n % 6])
        ELSE '{"fields": ["login", "name"]}' END
FROM numbered, given, generate_series(0, 1) AS which WHERE n BETWEEN $1 AND $2;

-- [each part]
UPDATE license SET moves = (n % 3)::integer, moved_at = CASE WHEN n % 3 > 0 THEN given.now - n % 31000000 END
FROM numbered, given WHERE license.shard = numbered.shard AND license.license_id = numbered.license_id
    AND n BETWEEN $1 AND $2 AND n % 10 <> 0;

-- One licence with a history of 10,000 events, of 2,000 devices and 1,000 resets.
INSERT INTO event (about, event_id, happened, actor_id, shard, kind, actor, rule, trace_id, role, details)
SELECT license_id, id_at(shard, now - 2500 * i, i), to_timestamp(now - 2500 * i),
    CASE WHEN i % 5 < 2 THEN account_id ELSE staff_id END, shard, (ARRAY[1, 3, 4, 100, 2])[1 + i % 5],
    CASE WHEN i % 5 IN (2, 3) THEN 4 ELSE 1 END, (ARRAY['L2', 'R3', 'R4', 'G6', 'D4'])[1 + i % 5],
    'bbbb-' || lpad(to_hex(i), 4, '0'), CASE WHEN i % 5 IN (2, 3) THEN 3 END,
    CASE WHEN i % 5 = 2 THEN jsonb_build_object('reason', reasons[1 + i % 6]) END
FROM given, numbered, generate_series(1, 10000) AS i WHERE n = 1;

INSERT INTO activation (activation_id, license_id, activated_at, ended_at, ended_why, shard, slot, pepper, enrolment)
SELECT id_at(shard, now - 12500 * i, i), license_id, now - 12500 * i, now - 12500 * i + 9000, 1, shard, 0, pepper, enrolment
FROM given, numbered, generate_series(1, 2000) AS i WHERE n = 1;

INSERT INTO personal (subject, shard, field, value)
SELECT id_at(shard, now - 12500 * i, i), shard, 6, 'Laptop ' || i FROM given, numbered, generate_series(1, 2000) AS i WHERE n = 1;

INSERT INTO reset (reset_id, activation_id, license_id, reset_at, staff_id, shard, why, reason, note)
SELECT id_at(shard, now - 25000 * i + 9000, i), id_at(shard, now - 25000 * i, 2 * i), license_id, now - 25000 * i + 9000,
    staff_id, shard, 2, reasons[1 + i % 6], 'Note ' || i
FROM given, numbered, generate_series(1, 1000) AS i WHERE n = 1;

INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at, state)
SELECT id_at(shard, now - 25000 * i + 9000, i), shard, license_id, staff_id, reasons[1 + i % 6], 'Note ' || i,
    now - 25000 * i + 9000, 1
FROM given, numbered, generate_series(1, 1000) AS i WHERE n = 1;

UPDATE license SET last_activation_id = id_at(license.shard, now - 12500, 1), moves = 2000, moved_at = now - 3500
FROM given, numbered WHERE n = 1 AND license.shard = numbered.shard AND license.license_id = numbered.license_id;

-- A thousand resets that wait for a second person.
INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at, state)
SELECT id_at(shard, now - 60 * n, n), shard, license_id, staff_id, reasons[1 + n % 6], 'Note ' || n, now - 60 * n, 0
FROM given, numbered WHERE n BETWEEN 2 AND 1001;

-- A company with 10,000 seats.
UPDATE holding SET licenses = 10001 FROM numbered
WHERE n = 2 AND holding.shard = numbered.shard AND holding.account_id = numbered.account_id;

INSERT INTO license (license_id, account_id, created_at, shard, product_id, major, large)
SELECT id_at(shard, now - 1000 * i, i), account_id, now - 1000 * i, shard, product_id, major, true
FROM given, numbered, generate_series(1, 10000) AS i WHERE n = 2;

UPDATE license SET large = true FROM numbered WHERE n = 2 AND license.shard = numbered.shard AND license.license_id = numbered.license_id;

-- The demo's reseller: 10,000 customers with a licence each, 1,000 orders, 11,000 entries of its ledger, penalties.
UPDATE account SET reseller_id = given.reseller_id, regular_at = now FROM given, numbered
WHERE n BETWEEN 3 AND 10002 AND account.shard = numbered.shard AND account.account_id = numbered.account_id;

UPDATE license SET reseller_id = given.reseller_id FROM given, numbered
WHERE n BETWEEN 3 AND 10002 AND license.shard = numbered.shard AND license.license_id = numbered.license_id;

INSERT INTO purchase (purchase_id, reseller_id, product_id, major, quantity, unit, total, paid, method, state, placed_at,
    placed_by, due_at, paid_at)
SELECT id_at(0::smallint, now - 30000 * i, i), reseller_id, product_id, major, 100, 24.95, 2495, CASE WHEN i < 11 THEN 0 ELSE 2495 END,
    1, CASE WHEN i < 11 THEN 0 ELSE 1 END, now - 30000 * i, user_id, now - 30000 * i + 604800,
    CASE WHEN i > 10 THEN now - 30000 * i + 86400 END
FROM given, generate_series(1, 1000) AS i;

INSERT INTO pool_entry (reseller_id, product_id, major, kind, seq, delta, balance, why, account_id, actor_id, entered_at)
SELECT reseller_id, product_id, major, 0, last.seq + i, CASE WHEN i <= 1000 THEN 100 ELSE -1 END,
    last.balance + CASE WHEN i <= 1000 THEN 100 * i ELSE 100000 - (i - 1000) END, CASE WHEN i <= 1000 THEN 1 ELSE 2 END,
    CASE WHEN i > 1000 THEN account_id END, user_id, now - 11000 + i
FROM given CROSS JOIN LATERAL (
    SELECT seq, balance FROM pool_entry p
    WHERE p.reseller_id = given.reseller_id AND p.product_id = given.product_id AND p.kind = 0 ORDER BY seq DESC LIMIT 1
) AS last, generate_series(1, 11000) AS i LEFT JOIN numbered ON n = i - 998;

INSERT INTO charge (charge_id, reseller_id, kind, amount, opened_at, due_at, state, licenses)
SELECT id_at(0::smallint, now - 90000 * i, i), reseller_id, 1, 79.90, now - 90000 * i, now - 90000 * i + 1209600, 1, 1
FROM given, generate_series(1, 200) AS i;

-- Other resellers.
INSERT INTO reseller (reseller_id, name, created_at)
SELECT id_at(0::smallint, now - 60000 * i, i), 'Reseller ' || i, now - 60000 * i FROM given, generate_series(1, 2000) AS i;

-- Refusals of the last 30 days, and what people asked for.
INSERT INTO refusal_trace (trace_id, refused_at, shard, route, code, rule, account_id, license_id, weighed)
SELECT 'cccc-' || lpad(to_hex(n), 4, '0'), now - 25 * n, shard, 'POST /v1/activations', codes[1 + n % 4], 'L4', account_id,
    license_id, '[]'
FROM given, numbered WHERE n BETWEEN 1 AND 65535;

INSERT INTO privacy_request (request_id, shard, account_id, kind, regime, asked_at, due_at, asked_how)
SELECT id_at(shard, now - 4000 * n, n), shard, account_id, 1 + n % 6, 1, now - 4000 * n, now - 4000 * n + 2592000, 'by mail'
FROM given, numbered WHERE n BETWEEN 1 AND 1000;

INSERT INTO consent (account_id, consent_id, shard, purpose, given, told_at, how, version)
SELECT account_id, id_at(shard, now - 1000 * i, i), shard, 'marketing', i % 2 = 0, now - 1000 * i, 'console', '1'
FROM given, numbered, generate_series(1, 200) AS i WHERE n = 2;

DROP TABLE numbered, given;

DROP FUNCTION id_at
