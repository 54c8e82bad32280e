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
    SET enrolment = k.enrolment, pepper = $1, ended_at = k.ended_at, ended_why = k.ended_why,
        online = coalesce(k.online, true), device_key = k.device_key,
        proof_counter = coalesce(k.proof_counter, 0), proof_hash = k.proof_hash, forked_at = k.forked_at,
        fork_told_at = k.fork_told_at
    FROM unnest($5::integer[], $6::bigint[], $7::bytea[], $8::bigint[], $9::smallint[], $10::boolean[],
            $11::bytea[], $12::bigint[], $13::bytea[], $14::bigint[], $15::bigint[])
        AS k (n, activation_id, enrolment, ended_at, ended_why, online, device_key, proof_counter, proof_hash,
            forked_at, fork_told_at)
    WHERE a.shard = (k.activation_id >> 55)::smallint AND a.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
    RETURNING 1
), bound AS (
    INSERT INTO activation
        (activation_id, license_id, activated_at, ended_at, shard, slot, ended_why, pepper, online, enrolment,
        device_key, proof_counter, proof_hash, forked_at, fork_told_at)
    SELECT k.activation_id, k.license_id, k.activated_at, k.ended_at, (k.activation_id >> 55)::smallint, coalesce(k.slot, 0),
        k.ended_why, $1, coalesce(k.online, true), k.enrolment, k.device_key,
        coalesce(k.proof_counter, 0), k.proof_hash, k.forked_at, k.fork_told_at
    FROM unnest($16::integer[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::smallint[],
            $22::smallint[], $23::boolean[], $24::bytea[], $25::bytea[], $26::bigint[], $27::bytea[],
            $28::bigint[], $29::bigint[])
        AS k (n, activation_id, license_id, activated_at, ended_at, slot, ended_why, online, enrolment, device_key,
            proof_counter, proof_hash, forked_at, fork_told_at)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
        -- What ends must have ended before its slot is taken again.
        AND (SELECT count(*) FROM changed) >= 0
), marked AS (
    UPDATE license l
    SET self_reset_at = k.self_reset_at, self_reset_before = k.self_reset_before, moves = k.moves,
        moved_at = k.moved_at, last_activation_id = k.last_activation_id, taken = k.taken
    FROM unnest($30::integer[], $31::bigint[], $32::bigint[], $33::bigint[], $34::integer[], $35::bigint[],
            $36::bigint[], $37::boolean[])
        AS k (n, license_id, self_reset_at, self_reset_before, moves, moved_at, last_activation_id, taken)
    WHERE l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), left_seat AS (
    DELETE FROM seat s
    USING unnest($38::integer[], $39::uuid[], $40::bigint[]) AS k (n, digest, activation_id)
    WHERE s.shard = (k.activation_id >> 55)::smallint AND s.digest = k.digest AND s.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), took_seat AS (
    INSERT INTO seat (digest, activation_id, shard)
    SELECT k.digest, k.activation_id, (k.activation_id >> 55)::smallint
    FROM unnest($41::integer[], $42::uuid[], $43::bigint[]) AS k (n, digest, activation_id)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), freed AS (
    INSERT INTO reset (reset_id, activation_id, license_id, reset_at, staff_id, shard, why, reason, note)
    SELECT k.reset_id, k.activation_id, k.license_id, k.reset_at, k.staff_id, (k.license_id >> 55)::smallint, k.why, k.reason,
        k.note
    FROM unnest($44::integer[], $45::bigint[], $46::bigint[], $47::bigint[], $48::bigint[], $49::bigint[],
            $50::smallint[], $51::text[], $52::text[])
        AS k (n, reset_id, activation_id, license_id, reset_at, staff_id, why, reason, note)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), named AS (
    INSERT INTO personal (subject, shard, field, value)
    SELECT k.subject, (k.subject >> 55)::smallint, 6, k.value
    FROM unnest($53::integer[], $54::bigint[], $55::text[]) AS k (n, subject, value)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), told AS (
    INSERT INTO event
        (about, event_id, actor_id, activation_id, shard, kind, actor, rule, trace_id, details)
    SELECT k.about, k.event_id, k.actor_id, k.activation_id, (k.about >> 55)::smallint, k.kind, k.actor, k.rule, k.trace_id,
        k.details::jsonb
    FROM unnest($56::integer[], $57::bigint[], $58::bigint[], $59::bigint[], $60::bigint[], $61::smallint[],
            $62::smallint[], $63::text[], $64::text[], $65::text[])
        AS k (n, about, event_id, actor_id, activation_id, kind, actor, rule, trace_id, details)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
)
SELECT n::integer FROM held
