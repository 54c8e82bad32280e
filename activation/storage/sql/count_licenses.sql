-- How many licences of each product, major and kind a reseller ($1) gave these accounts (shards $2, ids $3),
-- how many of those that are not over at $4 a device holds, and how many not (C3).
SELECT given.account_id, given.product_id, given.major, given.kind, count(*)::int,
    count(*) FILTER (WHERE NOT given.is_over AND given.is_used)::int,
    count(*) FILTER (WHERE NOT given.is_over AND NOT given.is_used)::int
FROM (
    SELECT l.account_id, l.product_id, l.major, l.kind,
        l.state = 2 OR coalesce(l.ends_at <= $4, false) AS is_over,
        EXISTS (
            SELECT FROM activation c
            WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
        ) AS is_used
    FROM unnest($2::smallint[], $3::bigint[]) AS k (shard, account_id)
    JOIN license l ON l.shard = k.shard AND l.account_id = k.account_id
    WHERE l.reseller_id = $1
) AS given
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
