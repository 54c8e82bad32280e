-- What was seen from $1 to before $2 (seconds), by person, field and reader; of one reader $3, one person $4 (in
-- shard $5), one field $6, unless null. The kinds stand here as numbers: only so the partial index is taken.
SELECT k.person, k.field, k.actor, k.actor_id, k.role, count(*) AS times,
    extract(epoch FROM min(k.happened))::bigint AS first_at, extract(epoch FROM max(k.happened))::bigint AS last_at,
    array_agg(DISTINCT k.act) FILTER (WHERE k.act IS NOT NULL) AS acts,
    array_agg(DISTINCT w.address) FILTER (WHERE w.address IS NOT NULL) AS addresses,
    CASE WHEN bool_or(k.is_account) THEN 'account'
        WHEN EXISTS (SELECT FROM staff s WHERE s.staff_id = k.person) THEN 'staff'
        WHEN EXISTS (SELECT FROM reseller r WHERE r.reseller_id = k.person) THEN 'reseller'
        ELSE 'user' END AS person_kind
FROM (
    SELECT coalesce(l.account_id, e.about) AS person, field, e.actor, e.actor_id, e.role, e.details->>'act' AS act,
        e.happened, e.shard, e.event_id, a.account_id IS NOT NULL AS is_account
    FROM event e
    CROSS JOIN LATERAL jsonb_array_elements_text(e.details->'fields') AS field
    LEFT JOIN license l ON l.shard = e.shard AND l.license_id = e.about
    LEFT JOIN account a ON a.shard = e.shard AND a.account_id = coalesce(l.account_id, e.about)
    WHERE e.kind IN (100, 101) AND e.happened >= to_timestamp($1) AND e.happened < to_timestamp($2)
        AND ($3::bigint IS NULL OR e.actor_id = $3)
        AND ($4::bigint IS NULL OR (e.shard = $5::smallint AND (e.about = $4 OR l.account_id = $4)))
        AND ($6::text IS NULL OR field = $6)
) k
LEFT JOIN event_address w ON w.shard = k.shard AND w.event_id = k.event_id
GROUP BY k.person, k.field, k.actor, k.actor_id, k.role
ORDER BY k.person, k.field, k.actor, k.actor_id NULLS FIRST, k.role
