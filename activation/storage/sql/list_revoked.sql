-- The certificates without an end that hold no longer, the newest $1 of them: their licence was revoked (L8), or
-- their activation is not current any more (R2), or is not there at all. Behind each, how many there are in all.
SELECT f.jti, count(*) OVER ()
FROM offline_file f
LEFT JOIN license l ON l.shard = f.shard AND l.license_id = f.license_id
LEFT JOIN activation a ON a.shard = f.shard AND a.activation_id = f.activation_id
WHERE f.expires_at IS NULL AND (l.license_id IS NULL OR l.state = $2 OR a.activation_id IS NULL OR a.ended_at IS NOT NULL)
GROUP BY f.jti
ORDER BY max(f.issued_at) DESC, f.jti
LIMIT $1
