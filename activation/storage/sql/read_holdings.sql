-- The facts of a batch: for each account and product asked for (by number $1-$2, or by one of its licences
-- $3), the account, the holding, its licences with their current activations, and the last that ended.
-- A holding of more than $4 licences comes without them, unless one was asked for; read_seats.sql follows.
-- Where a password's hash $5 came with an account, one that has no such hash is left out as if there were none:
-- nobody learns from the time it takes whether it is there.
-- A row's shard is the high bits of its id.
-- Every row carries the database's clock, which is the clock for all rules, and the highest version of the pepper
-- that was ever used (D5), as of the same moment as all else; one row comes even for nothing.
WITH asked AS (
    SELECT k.n, (k.account_id >> 55)::smallint AS shard, k.account_id, k.product_id, 0::bigint AS first,
        9223372036854775807 AS final, k.secret_hash
    FROM unnest($1::bigint[], $2::smallint[], $5::bytea[])
        WITH ORDINALITY AS k (account_id, product_id, secret_hash, n)
    UNION ALL
    SELECT k.n + cardinality($1::bigint[]), l.shard, l.account_id, l.product_id, l.license_id, l.license_id,
        NULL::bytea
    FROM unnest($3::bigint[]) WITH ORDINALITY AS k (license_id, n)
    JOIN license l ON l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
)
SELECT clock.now, asked.n::integer AS n, a.account_id, a.owner_hash, a.activation_hash, a.state AS account_state,
    asked.product_id, h.version, h.licenses,
    l.license_id, l.major, l.kind, l.state, l.device_limit, l.ends_at, l.updates_until,
    l.self_reset_at, l.self_reset_before, l.moves, l.moved_at, l.orphaned, l.holds,
    c.activation_id, c.slot, c.enrolment, c.pepper, c.activated_at, c.online, c.device_key,
    c.proof_counter, c.proof_hash, c.forked_at, c.fork_told_at,
    p.activation_id AS last_id, p.slot AS last_slot, p.enrolment AS last_enrolment, p.pepper AS last_pepper,
    p.activated_at AS last_activated_at, p.online AS last_online, p.device_key AS last_device_key,
    p.ended_at AS last_ended_at, p.ended_why AS last_ended_why, clock.pepper_used
FROM (SELECT floor(date_part('epoch', clock_timestamp()))::bigint AS now,
    (SELECT version FROM pepper_used)::integer AS pepper_used) AS clock
LEFT JOIN (asked JOIN account a ON a.shard = asked.shard AND a.account_id = asked.account_id
    AND (asked.secret_hash IS NULL OR asked.secret_hash IN (a.owner_hash, a.activation_hash))) ON true
LEFT JOIN holding h
    ON h.shard = asked.shard AND h.account_id = asked.account_id AND h.product_id = asked.product_id
LEFT JOIN license l
    ON l.shard = asked.shard AND l.account_id = asked.account_id AND l.product_id = asked.product_id
    AND l.license_id >= asked.first
    AND l.license_id <= CASE WHEN asked.first > 0 OR h.licenses <= $4 THEN asked.final ELSE -1 END
LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
LEFT JOIN activation p ON p.shard = l.shard AND p.activation_id = l.last_activation_id
