-- Alter the licences chosen ($13 and on; the alteration's argument is $1), raise their holdings' versions, and
-- tell of each licence. One number $2 makes all events' ids: they differ by the licence they are about. $9-$12
-- are the actor's role, the digest of the address, when that was noted, and the address itself.
WITH altered AS (
    UPDATE license l SET {sets}
    WHERE {chosen} AND NOT ({unless}) AND $1::bigint IS NOT NULL
    RETURNING l.shard, l.license_id, l.account_id, l.product_id
), raised AS (
    UPDATE holding h SET version = h.version + 1
    WHERE (h.shard, h.account_id, h.product_id) IN (SELECT a.shard, a.account_id, a.product_id FROM altered a)
), told AS (
    INSERT INTO event (about, event_id, actor_id, shard, kind, actor, rule, trace_id, details, role, address_digest)
    SELECT a.license_id, (a.shard::bigint << 55) | $2::bigint, $5::bigint, a.shard, $3::smallint, $4::smallint,
        $6::text, $7::text, $8::jsonb, $9::smallint, $10::bytea
    FROM altered a
), placed AS (
    INSERT INTO event_address (event_id, shard, noted_at, address)
    SELECT DISTINCT (a.shard::bigint << 55) | $2::bigint, a.shard, $11::bigint, $12::text
    FROM altered a
    WHERE $12::text IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT a.license_id FROM altered a ORDER BY a.license_id
