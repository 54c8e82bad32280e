-- The seats of large holdings that this batch may need: those that share a digest with one of its devices
-- ($5-$6), be it their current one or their last, the licences named in a request ($7-$8), the first free ones (as many as devices ask, by major
-- and by when the build that asks was released: $9-$11; $12 is now), and a few more by which a refusal can be
-- explained.
WITH asked AS (
    SELECT k.* FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::integer[])
        WITH ORDINALITY AS k (shard, account_id, product_id, wanted, n)
), wished AS (
    SELECT asked.n, asked.shard, c.license_id
    FROM unnest($5::integer[], $6::uuid[]) AS d (n, digest)
    JOIN asked ON asked.n = d.n
    JOIN seat s ON s.shard = asked.shard AND s.digest = d.digest
    JOIN activation c ON c.shard = s.shard AND c.activation_id = s.activation_id
    UNION
    SELECT asked.n, asked.shard, named.license_id
    FROM unnest($7::integer[], $8::bigint[]) AS named (n, license_id)
    JOIN asked ON asked.n = named.n
    UNION
    SELECT asked.n, asked.shard, free.license_id
    FROM asked
    JOIN unnest($9::integer[], $10::smallint[], $11::bigint[]) AS build (n, major, released_at)
        ON build.n = asked.n
    CROSS JOIN LATERAL (
        SELECT l.license_id FROM license l
        WHERE l.shard = asked.shard AND l.account_id = asked.account_id AND l.product_id = asked.product_id
            AND l.major = build.major AND l.large AND NOT l.taken AND l.state = 0
            AND (l.ends_at IS NULL OR l.ends_at > $12::bigint)
            AND (l.updates_until IS NULL OR l.updates_until >= build.released_at)
        ORDER BY l.license_id LIMIT asked.wanted
    ) AS free
    UNION
    SELECT asked.n, asked.shard, sample.license_id
    FROM asked
    JOIN unnest($9::integer[], $10::smallint[], $11::bigint[]) AS build (n, major, released_at)
        ON build.n = asked.n
    CROSS JOIN LATERAL (
        SELECT l.license_id FROM license l
        WHERE l.shard = asked.shard AND l.account_id = asked.account_id AND l.product_id = asked.product_id
            AND l.major = build.major AND l.large
        ORDER BY l.license_id LIMIT 4
    ) AS sample
    UNION
    SELECT asked.n, asked.shard, any_major.license_id
    FROM asked
    CROSS JOIN LATERAL (
        SELECT l.license_id FROM license l
        WHERE l.shard = asked.shard AND l.account_id = asked.account_id AND l.product_id = asked.product_id
        ORDER BY l.license_id LIMIT 1
    ) AS any_major
)
SELECT wished.n::integer AS n,
    l.license_id, l.major, l.kind, l.state, l.device_limit, l.ends_at, l.updates_until,
    l.self_reset_at, l.self_reset_before, l.moves, l.moved_at, l.orphaned, l.holds,
    c.activation_id, c.slot, c.enrolment, c.pepper, c.activated_at, c.online, c.device_key,
    c.proof_counter, c.proof_hash, c.forked_at, c.fork_told_at,
    p.activation_id AS last_id, p.slot AS last_slot, p.enrolment AS last_enrolment, p.pepper AS last_pepper,
    p.activated_at AS last_activated_at, p.online AS last_online, p.device_key AS last_device_key,
    p.ended_at AS last_ended_at, p.ended_why AS last_ended_why
FROM wished
JOIN asked ON asked.n = wished.n
JOIN license l ON l.shard = wished.shard AND l.license_id = wished.license_id
    AND l.account_id = asked.account_id AND l.product_id = asked.product_id
LEFT JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
LEFT JOIN activation p ON p.shard = l.shard AND p.activation_id = l.last_activation_id
