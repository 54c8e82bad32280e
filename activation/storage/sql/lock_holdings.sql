-- Wait for these holdings and keep them: for attempts that lost the race to others too often.
SELECT 1 FROM holding h
JOIN (
    SELECT k.shard, k.account_id, k.product_id
    FROM unnest($1::smallint[], $2::bigint[], $3::smallint[]) AS k (shard, account_id, product_id)
    UNION
    SELECT l.shard, l.account_id, l.product_id
    FROM unnest($4::smallint[], $5::bigint[]) AS k (shard, license_id)
    JOIN license l ON l.shard = k.shard AND l.license_id = k.license_id
) AS k ON h.shard = k.shard AND h.account_id = k.account_id AND h.product_id = k.product_id
ORDER BY h.shard, h.account_id, h.product_id
FOR UPDATE OF h
