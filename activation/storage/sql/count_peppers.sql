-- What hangs on which version of the pepper, by what it is ($1 is now). A keyed hash of 16 bytes stands under
-- version 1; a longer one names its version in the byte after them. `ended` are devices whose licence is over:
-- they come by for nothing but a test licence's successor (T5).
WITH hashed (what, hash) AS (
    SELECT 'passwords', owner_hash FROM account WHERE state = 0 AND octet_length(owner_hash) >= 16
    UNION ALL
    SELECT 'passwords', activation_hash FROM account
        WHERE state = 0 AND octet_length(activation_hash) >= 16
    UNION ALL
    SELECT 'tokens', token_hash FROM staff_token
        WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)
    UNION ALL
    SELECT 'tokens', token_hash FROM reseller_token
        WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)
    UNION ALL
    SELECT 'sessions', token_hash FROM session WHERE ended_at IS NULL AND ends_at > $1
    UNION ALL
    SELECT 'recovery_codes', code_hash FROM recovery_code WHERE used_at IS NULL
    UNION ALL
    SELECT 'emails', digest FROM account_by_email
    UNION ALL
    SELECT 'occasions', digest FROM occasion
), versions (what, version) AS (
    SELECT what, CASE WHEN octet_length(hash) > 16 THEN get_byte(hash, 16) ELSE 1 END FROM hashed
    UNION ALL
    SELECT CASE WHEN l.state = 2 OR l.ends_at <= $1 THEN 'ended' ELSE 'devices' END, a.pepper::integer
    FROM activation a
    JOIN license l ON l.shard = a.shard AND l.license_id = a.license_id
    WHERE a.ended_at IS NULL
    UNION ALL
    SELECT 'files', pepper::integer FROM offline_file
    WHERE answer <> '' AND (expires_at IS NULL OR expires_at > $1)
    UNION ALL
    SELECT 'staff_passwords', coalesce(nullif(split_part(password_phc, '$', 1), '')::integer, 1)
    FROM staff WHERE password_phc IS NOT NULL
    UNION ALL
    SELECT 'staff_passwords', coalesce(nullif(split_part(password_phc, '$', 1), '')::integer, 1)
    FROM reseller_user WHERE password_phc IS NOT NULL
)
SELECT what, version, count(*)::bigint AS many FROM versions GROUP BY what, version ORDER BY what, version
