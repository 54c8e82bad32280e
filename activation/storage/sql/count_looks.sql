-- The same by day (UTC): how many looks, at how many people.
SELECT extract(epoch FROM date_trunc('day', e.happened, 'UTC'))::bigint AS day, count(DISTINCT e.event_id) AS looks,
    count(DISTINCT coalesce(l.account_id, e.about)) AS persons
FROM event e
CROSS JOIN LATERAL jsonb_array_elements_text(e.details->'fields') AS field
LEFT JOIN license l ON l.shard = e.shard AND l.license_id = e.about
WHERE e.kind IN (100, 101) AND e.happened >= to_timestamp($1) AND e.happened < to_timestamp($2)
    AND ($3::bigint IS NULL OR e.actor_id = $3)
    AND ($4::bigint IS NULL OR (e.shard = $5::smallint AND (e.about = $4 OR l.account_id = $4)))
    AND ($6::text IS NULL OR field = $6)
GROUP BY 1
ORDER BY 1
