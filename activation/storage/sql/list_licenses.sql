-- One account's licences of all products, from licence $3 on, at most $4, with their devices. With $5, in lower
-- case, those that are on a device in whose name it is found.
WITH held AS (
    SELECT l.* FROM license l
    WHERE l.shard = $1 AND l.account_id = $2 AND l.license_id > $3
        AND ($5 = '' OR EXISTS (
            SELECT FROM activation a
            JOIN personal p ON p.shard = a.shard AND p.subject = a.activation_id AND p.field = 6
            WHERE a.shard = l.shard AND a.license_id = l.license_id AND a.ended_at IS NULL
                AND strpos(lower(p.value), $5) > 0))
    ORDER BY l.license_id LIMIT $4
)
SELECT floor(date_part('epoch', clock_timestamp()))::bigint AS now,
    l.license_id, product.code, l.kind, l.state, l.ends_at, l.self_reset_at,
    c.activation_id, c.activated_at, c.online, name.value AS device_name, l.orphaned,
    product.name AS product_name, l.major
FROM held l
JOIN product ON product.product_id = l.product_id
LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
LEFT JOIN personal name ON name.shard = c.shard AND name.subject = c.activation_id AND name.field = 6
ORDER BY l.license_id, c.slot
