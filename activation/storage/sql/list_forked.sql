-- Devices of whose key a copy showed (D6), while they hold a licence: those after activation $2 of shard $1, at
-- most $3. The index activation_forked holds no others.
SELECT a.activation_id, a.license_id, l.account_id, coalesce(login.value, '') AS login, product.code AS product,
    coalesce(device.value, '') AS device_name, a.activated_at, a.proof_counter, a.forked_at, a.fork_told_at,
    account.restricted_at IS NOT NULL AS restricted
FROM activation a
JOIN license l ON l.shard = a.shard AND l.license_id = a.license_id
JOIN account ON account.shard = l.shard AND account.account_id = l.account_id
JOIN product ON product.product_id = l.product_id
LEFT JOIN personal login ON login.shard = l.shard AND login.subject = l.account_id AND login.field = 1
LEFT JOIN personal device ON device.shard = a.shard AND device.subject = a.activation_id AND device.field = 6
WHERE a.forked_at IS NOT NULL AND a.ended_at IS NULL AND (a.shard, a.activation_id) > ($1::smallint, $2::bigint)
ORDER BY a.shard, a.activation_id
LIMIT $3
