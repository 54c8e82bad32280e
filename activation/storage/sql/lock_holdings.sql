-- Wait for these holdings and keep them: for attempts that lost the race to others too often.
SELECT 1 FROM holding h
JOIN (
    SELECT (k.account_id >> 55)::smallint AS shard, k.account_id, k.product_id
    FROM unnest($1::bigint[], $2::smallint[]) AS k (account_id, product_id)
    UNION
    SELECT l.shard, l.account_id, l.product_id
    FROM unnest($3::bigint[]) AS k (license_id)
    JOIN license l ON l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
) AS k ON h.shard = k.shard AND h.account_id = k.account_id AND h.product_id = k.product_id
ORDER BY h.shard, h.account_id, h.product_id
FOR UPDATE OF h
