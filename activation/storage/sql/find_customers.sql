-- A reseller's ($1) customers, the newest first, at most $3, after the one with id $2 (0: from the first on).
-- With $4, a pattern in lower case, those in whose login, name or e-mail it is found, and the account $5. Of one
-- who is restricted (G3) only what the licences need, which finds them, too.
SELECT a.account_id, coalesce(login.value, ''), coalesce(name.value, ''), coalesce(email.value, ''),
    coalesce(address.value, ''), a.state, a.affiliated, a.own_use, a.created_at,
    a.restricted_at IS NOT NULL
FROM (
    SELECT * FROM account
    WHERE reseller_id = $1 AND (created_at, account_id) < (
        coalesce((SELECT created_at FROM account
            WHERE shard = ($2::bigint >> 55)::smallint AND account_id = $2 AND reseller_id = $1), 9223372036854775807),
        CASE $2 WHEN 0 THEN 9223372036854775807 ELSE $2 END)
    AND ($4::text IS NULL OR account_id = $5 OR account_id IN (SELECT customers_named($1, $4)))
    ORDER BY created_at DESC, account_id DESC
    LIMIT $3
) AS a
LEFT JOIN personal login ON login.shard = a.shard AND login.subject = a.account_id AND login.field = 1
LEFT JOIN personal name ON name.shard = a.shard AND name.subject = a.account_id AND name.field = 2
    AND a.restricted_at IS NULL
LEFT JOIN personal email ON email.shard = a.shard AND email.subject = a.account_id AND email.field = 3
    AND a.restricted_at IS NULL
LEFT JOIN personal address ON address.shard = a.shard AND address.subject = a.account_id AND address.field = 4
    AND a.restricted_at IS NULL
ORDER BY a.created_at DESC, a.account_id DESC
