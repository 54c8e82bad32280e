-- Append events that belong to no batch, in the caller's transaction, and where whoever acted was.
WITH told AS (
    INSERT INTO event
        (about, event_id, actor_id, activation_id, shard, kind, actor, role, rule, trace_id, details, address_digest)
    SELECT k.about, k.event_id, k.actor_id, k.activation_id, (k.about >> 55)::smallint, k.kind, k.actor, k.role, k.rule,
        k.trace_id, k.details::jsonb, k.address_digest
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::smallint[], $7::smallint[],
            $8::text[], $9::text[], $10::text[], $11::bytea[])
        AS k (about, event_id, actor_id, activation_id, kind, actor, role, rule, trace_id, details, address_digest)
)
INSERT INTO event_address (event_id, shard, noted_at, address)
SELECT k.event_id, (k.about >> 55)::smallint, k.noted_at, k.address
FROM unnest($1::bigint[], $2::bigint[], $12::bigint[], $13::text[]) AS k (about, event_id, noted_at, address)
WHERE k.address IS NOT NULL
ON CONFLICT DO NOTHING
