-- These licences ($1) with their account's login and current devices, for staff's eyes.
SELECT l.license_id, l.account_id, login.value AS login, product.code AS product, l.major, l.kind, l.state, l.holds,
    l.orphaned, l.device_limit, l.created_at, l.ends_at, l.updates_until, l.moves, l.moved_at, l.self_reset_at,
    (SELECT count(DISTINCT r.reset_id) FROM reset r
        WHERE r.shard = l.shard AND r.license_id = l.license_id)::integer AS resets,
    c.activation_id, c.activated_at, c.online, device.value AS device_name,
    c.device_key IS NOT NULL AS has_key, c.proof_counter, c.forked_at, c.enrolment,
    account.restricted_at IS NOT NULL AS restricted
FROM unnest($1::bigint[]) AS k (license_id)
JOIN license l ON l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
JOIN product ON product.product_id = l.product_id
JOIN account ON account.shard = l.shard AND account.account_id = l.account_id
LEFT JOIN personal login ON login.shard = l.shard AND login.subject = l.account_id AND login.field = 1
LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
LEFT JOIN personal device ON device.shard = c.shard AND device.subject = c.activation_id AND device.field = 6
ORDER BY l.license_id, c.slot
