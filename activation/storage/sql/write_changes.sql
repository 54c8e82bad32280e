-- The batch's one write. Each holding moves from the version that was read ($2-$4) to the next; whatever
-- belongs to a holding that moved on meanwhile finds no row in `held` and is not written. All or nothing:
-- a row that a unique index refuses takes the whole statement back.
-- Answers the ordinals of the holdings that were written.
-- `(k.n IN (SELECT n FROM held)) IS TRUE` is looked up by hash; a join would be planned for a handful of rows
-- and compare each with each. A row's shard is the high bits of its id. $1 is the pepper's version; a column
-- that holds nothing but nulls comes as an empty array, which unnest fills up with nulls.
WITH held AS (
    UPDATE holding h SET version = h.version + 1
    FROM unnest($2::bigint[], $3::smallint[], $4::bigint[]) WITH ORDINALITY AS k (account_id, product_id, version, n)
    WHERE h.shard = (k.account_id >> 55)::smallint AND h.account_id = k.account_id AND h.product_id = k.product_id
        AND h.version = k.version
    RETURNING k.n
), changed AS (
    UPDATE activation a
    SET enrolment = k.enrolment, pepper = $1, ended_at = k.ended_at, ended_why = k.ended_why
    FROM unnest($5::integer[], $6::bigint[], $7::bytea[], $8::bigint[], $9::smallint[])
        AS k (n, activation_id, enrolment, ended_at, ended_why)
    WHERE a.shard = (k.activation_id >> 55)::smallint AND a.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
    RETURNING 1
), bound AS (
    INSERT INTO activation
        (activation_id, license_id, activated_at, ended_at, shard, slot, ended_why, pepper, online, enrolment,
        device_key)
    SELECT k.activation_id, k.license_id, k.activated_at, k.ended_at, (k.activation_id >> 55)::smallint, coalesce(k.slot, 0),
        k.ended_why, $1, coalesce(k.online, true), k.enrolment, k.device_key
    FROM unnest($10::integer[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::smallint[],
            $16::smallint[], $17::boolean[], $18::bytea[], $19::bytea[])
        AS k (n, activation_id, license_id, activated_at, ended_at, slot, ended_why, online, enrolment, device_key)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
        -- What ends must have ended before its slot is taken again.
        AND (SELECT count(*) FROM changed) >= 0
), marked AS (
    UPDATE license l
    SET self_reset_at = k.self_reset_at, self_reset_before = k.self_reset_before, moves = k.moves,
        moved_at = k.moved_at, last_activation_id = k.last_activation_id, taken = k.taken
    FROM unnest($20::integer[], $21::bigint[], $22::bigint[], $23::bigint[], $24::integer[], $25::bigint[],
            $26::bigint[], $27::boolean[])
        AS k (n, license_id, self_reset_at, self_reset_before, moves, moved_at, last_activation_id, taken)
    WHERE l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), left_seat AS (
    DELETE FROM seat s
    USING unnest($28::integer[], $29::uuid[], $30::bigint[]) AS k (n, digest, activation_id)
    WHERE s.shard = (k.activation_id >> 55)::smallint AND s.digest = k.digest AND s.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), took_seat AS (
    INSERT INTO seat (digest, activation_id, shard)
    SELECT k.digest, k.activation_id, (k.activation_id >> 55)::smallint
    FROM unnest($31::integer[], $32::uuid[], $33::bigint[]) AS k (n, digest, activation_id)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), freed AS (
    INSERT INTO reset (reset_id, activation_id, license_id, reset_at, staff_id, shard, why, reason, note)
    SELECT k.reset_id, k.activation_id, k.license_id, k.reset_at, k.staff_id, (k.license_id >> 55)::smallint, k.why, k.reason,
        k.note
    FROM unnest($34::integer[], $35::bigint[], $36::bigint[], $37::bigint[], $38::bigint[], $39::bigint[],
            $40::smallint[], $41::text[], $42::text[])
        AS k (n, reset_id, activation_id, license_id, reset_at, staff_id, why, reason, note)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), named AS (
    INSERT INTO personal (subject, shard, field, value)
    SELECT k.subject, (k.subject >> 55)::smallint, 6, k.value
    FROM unnest($43::integer[], $44::bigint[], $45::text[]) AS k (n, subject, value)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), told AS (
    INSERT INTO event
        (about, event_id, actor_id, activation_id, shard, kind, actor, rule, trace_id, details)
    SELECT k.about, k.event_id, k.actor_id, k.activation_id, (k.about >> 55)::smallint, k.kind, k.actor, k.rule, k.trace_id,
        k.details::jsonb
    FROM unnest($46::integer[], $47::bigint[], $48::bigint[], $49::bigint[], $50::bigint[], $51::smallint[],
            $52::smallint[], $53::text[], $54::text[], $55::text[])
        AS k (n, about, event_id, actor_id, activation_id, kind, actor, rule, trace_id, details)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
)
SELECT n::integer FROM held
