-- A reseller's ($1) licences of a kind ($2) that are not over at $3, ids above $4, at most $5, and whose they are.
-- Test licences come from no order, which is how the index finds them. Of one who is restricted (G3) no name.
SELECT l.license_id, l.account_id, coalesce(login.value, ''), coalesce(name.value, ''), l.product_id, l.major,
    l.ends_at, EXISTS (
        SELECT FROM activation c
        WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
    )
FROM (
    SELECT * FROM license
    WHERE reseller_id = $1 AND purchase_id IS NULL AND kind = $2 AND state <> 2 AND ends_at > $3 AND license_id > $4
    ORDER BY license_id LIMIT $5
) AS l
JOIN account a ON a.shard = l.shard AND a.account_id = l.account_id
LEFT JOIN personal login ON login.shard = a.shard AND login.subject = a.account_id AND login.field = 1
LEFT JOIN personal name ON name.shard = a.shard AND name.subject = a.account_id AND name.field = 2
    AND a.restricted_at IS NULL
ORDER BY l.license_id
