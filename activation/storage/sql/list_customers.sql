-- A reseller's ($1) customers with ids above $2, at most $3; or the one with id $4. Of one who is restricted (G3)
-- only what the licences need.
SELECT a.account_id, coalesce(login.value, ''), coalesce(name.value, ''), coalesce(email.value, ''),
    coalesce(address.value, ''), a.state, a.affiliated, a.own_use, a.created_at,
    a.restricted_at IS NOT NULL
FROM account a
LEFT JOIN personal login ON login.shard = a.shard AND login.subject = a.account_id AND login.field = 1
LEFT JOIN personal name ON name.shard = a.shard AND name.subject = a.account_id AND name.field = 2
    AND a.restricted_at IS NULL
LEFT JOIN personal email ON email.shard = a.shard AND email.subject = a.account_id AND email.field = 3
    AND a.restricted_at IS NULL
LEFT JOIN personal address ON address.shard = a.shard AND address.subject = a.account_id AND address.field = 4
    AND a.restricted_at IS NULL
WHERE a.reseller_id = $1 AND a.account_id > $2 AND ($4::bigint IS NULL OR a.account_id = $4)
ORDER BY a.account_id
LIMIT $3
