-- One account's licences of all products, from licence $3 on, at most $4, with their devices.
WITH held AS (
    SELECT l.* FROM license l
    WHERE l.shard = $1 AND l.account_id = $2 AND l.license_id > $3
    ORDER BY l.license_id LIMIT $4
)
SELECT floor(date_part('epoch', clock_timestamp()))::bigint AS now,
    l.license_id, product.code, l.kind, l.state, l.ends_at, l.self_reset_at,
    c.activation_id, c.activated_at, c.online, name.value AS device_name, l.orphaned
FROM held l
JOIN product ON product.product_id = l.product_id
LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
LEFT JOIN personal name ON name.shard = c.shard AND name.subject = c.activation_id AND name.field = 6
ORDER BY l.license_id, c.slot
