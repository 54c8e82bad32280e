-- A page of the log, the newest first: events about any of $2 (all of shard $1), and what person $3 did; before
-- the event ($4, $5, $6), at most $7, none of the kinds $8. With the address,
-- as long as it is kept.
SELECT e.about, e.event_id, e.happened, e.kind, e.actor, e.actor_id, e.role, e.activation_id, e.rule, e.trace_id,
    e.details::text, a.address, e.address_digest
FROM (
    (
        SELECT about, event_id, happened, shard, kind, actor, actor_id, role, activation_id, rule, trace_id, details,
            address_digest
        FROM event
        WHERE shard = $1 AND about = ANY ($2) AND (happened, event_id, about) < ($4, $5, $6)
            AND kind <> ALL ($8::smallint[])
        ORDER BY happened DESC, event_id DESC, about DESC LIMIT $7
    )
    UNION
    (
        SELECT about, event_id, happened, shard, kind, actor, actor_id, role, activation_id, rule, trace_id, details,
            address_digest
        FROM event
        WHERE role IS NOT NULL AND actor_id = $3 AND (happened, event_id, about) < ($4, $5, $6)
            AND kind <> ALL ($8::smallint[])
        ORDER BY happened DESC, event_id DESC, about DESC LIMIT $7
    )
) e
LEFT JOIN event_address a ON a.shard = e.shard AND a.event_id = e.event_id
ORDER BY e.happened DESC, e.event_id DESC, e.about DESC
LIMIT $7
