-- The certificates without an end that hold no longer, the newest $1 of them: their licence was revoked (L8), or
-- the offline activation that they are for has ended (R2). Behind each, how many there are in all.
-- Looked for from the few that ended, not among all that are good.
WITH revoked AS (
    SELECT f.jti, f.issued_at
    FROM license l
    JOIN offline_file f ON f.shard = l.shard AND f.license_id = l.license_id
    WHERE l.state = 2 AND f.expires_at IS NULL
    UNION
    SELECT f.jti, f.issued_at
    FROM activation a
    JOIN offline_file f
        ON f.shard = a.shard AND f.license_id = a.license_id AND f.activation_id = a.activation_id
    WHERE NOT a.online AND a.ended_at IS NOT NULL AND f.expires_at IS NULL
)
SELECT jti, count(*) OVER ()
FROM revoked
GROUP BY jti
ORDER BY max(issued_at) DESC, jti
LIMIT $1
