-- Alter the licences chosen ($9 and on; the alteration's argument is $1), raise their holdings' versions, and
-- tell of each licence. One number $2 makes all events' ids: they differ by the licence they are about.
WITH altered AS (
    UPDATE license l SET {sets}
    WHERE {chosen} AND NOT ({unless}) AND $1::bigint IS NOT NULL
    RETURNING l.shard, l.license_id, l.account_id, l.product_id
), raised AS (
    UPDATE holding h SET version = h.version + 1
    WHERE (h.shard, h.account_id, h.product_id) IN (SELECT a.shard, a.account_id, a.product_id FROM altered a)
), told AS (
    INSERT INTO event (about, event_id, actor_id, shard, kind, actor, rule, trace_id, details)
    SELECT a.license_id, (a.shard::bigint << 55) | $2::bigint, $5::bigint, a.shard, $3::smallint, $4::smallint,
        $6::text, $7::text, $8::jsonb
    FROM altered a
)
SELECT a.license_id FROM altered a ORDER BY a.license_id
