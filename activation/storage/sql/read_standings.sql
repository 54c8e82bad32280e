-- What decides whether accounts may be forgotten (G2): those with keys behind ($1, $2), at most $3; or the one with
-- id $4. $5 is now, $6 the kinds of event by which a licence ends for good.
-- Nothing unpaid holds it up that was due before $7. A subscription that runs has licences that may be used.
-- over_at: when the last licence ended or was revoked; null while one may be used, or without any.
SELECT a.shard, a.account_id,
    CASE WHEN a.state = 1 THEN coalesce(a.closed_at, a.created_at) END AS closed_at,
    CASE WHEN held.usable = 0 THEN held.over_at END AS over_at,
    a.restricted_at IS NOT NULL AS restricted,
    EXISTS (SELECT FROM purchase p WHERE p.account_id = a.account_id AND p.state = 0
        AND p.due_at > $7)
        OR EXISTS (SELECT FROM charge c WHERE c.account_id = a.account_id AND c.state IN (0, 2)
            AND c.due_at > $7)
        OR EXISTS (SELECT FROM subscription s WHERE s.shard = a.shard AND s.account_id = a.account_id
            AND s.state = 0 AND s.made_at > $7)
        OR EXISTS (SELECT FROM update_plan u WHERE u.shard = a.shard AND u.account_id = a.account_id
            AND u.state = 0 AND u.paid_until > $5)
        OR EXISTS (SELECT FROM privacy_request q WHERE q.shard = a.shard AND q.account_id = a.account_id
            AND q.state = 0) AS busy,
    a.erased_at IS NOT NULL AS forgotten
FROM account a
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.state < 2 AND coalesce(l.ends_at > $5, true)) AS usable,
        max(least(l.ends_at, CASE WHEN l.state = 2 THEN coalesce(
            (SELECT floor(date_part('epoch', max(e.happened)))::bigint FROM event e
            WHERE e.shard = l.shard AND e.about = l.license_id AND e.kind = ANY ($6::smallint[])), l.created_at)
        END)) AS over_at
    FROM license l
    WHERE l.shard = a.shard AND l.account_id = a.account_id AND a.erased_at IS NULL
) held ON true
WHERE (a.shard, a.account_id) > ($1::smallint, $2::bigint) AND ($4::bigint IS NULL OR a.account_id = $4)
    AND ($4::bigint IS NULL OR a.shard = ($4::bigint >> 55)::smallint)
ORDER BY a.shard, a.account_id
LIMIT $3
