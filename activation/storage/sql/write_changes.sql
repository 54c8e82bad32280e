-- The batch's one write. Each holding moves from the version that was read ($2-$4) to the next; whatever
-- belongs to a holding that moved on meanwhile finds no row in `held` and is not written. All or nothing:
-- a row that a unique index refuses takes the whole statement back.
-- Answers the ordinals of the holdings that were written.
-- `(k.n IN (SELECT n FROM held)) IS TRUE` is looked up by hash; a join would be planned for a handful of rows
-- and compare each with each. A row's shard is the high bits of its id. $1 is the pepper's version where
-- a row names none; a column that holds nothing but nulls comes as an empty array, which unnest fills up with nulls.
WITH held AS (
    UPDATE holding h SET version = h.version + 1
    FROM unnest($2::bigint[], $3::smallint[], $4::bigint[]) WITH ORDINALITY AS k (account_id, product_id, version, n)
    WHERE h.shard = (k.account_id >> 55)::smallint AND h.account_id = k.account_id AND h.product_id = k.product_id
        AND h.version = k.version
    RETURNING k.n
), changed AS (
    UPDATE activation a
    SET enrolment = k.enrolment, pepper = coalesce(k.pepper, $1), ended_at = k.ended_at, ended_why = k.ended_why,
        online = coalesce(k.online, true), device_key = k.device_key,
        proof_counter = coalesce(k.proof_counter, 0), proof_hash = k.proof_hash, forked_at = k.forked_at,
        fork_told_at = k.fork_told_at
    FROM unnest($5::integer[], $6::bigint[], $7::bytea[], $8::smallint[], $9::bigint[], $10::smallint[], $11::boolean[],
            $12::bytea[], $13::bigint[], $14::bytea[], $15::bigint[], $16::bigint[])
        AS k (n, activation_id, enrolment, pepper, ended_at, ended_why, online, device_key, proof_counter, proof_hash,
            forked_at, fork_told_at)
    WHERE a.shard = (k.activation_id >> 55)::smallint AND a.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
    RETURNING 1
), bound AS (
    INSERT INTO activation
        (activation_id, license_id, activated_at, ended_at, shard, slot, ended_why, pepper, online, enrolment,
        device_key, proof_counter, proof_hash, forked_at, fork_told_at)
    SELECT k.activation_id, k.license_id, k.activated_at, k.ended_at, (k.activation_id >> 55)::smallint, coalesce(k.slot, 0),
        k.ended_why, coalesce(k.pepper, $1), coalesce(k.online, true), k.enrolment, k.device_key,
        coalesce(k.proof_counter, 0), k.proof_hash, k.forked_at, k.fork_told_at
    FROM unnest($17::integer[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::smallint[],
            $23::smallint[], $24::boolean[], $25::bytea[], $26::smallint[], $27::bytea[], $28::bigint[], $29::bytea[],
            $30::bigint[], $31::bigint[])
        AS k (n, activation_id, license_id, activated_at, ended_at, slot, ended_why, online, enrolment, pepper, device_key,
            proof_counter, proof_hash, forked_at, fork_told_at)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
        -- What ends must have ended before its slot is taken again.
        AND (SELECT count(*) FROM changed) >= 0
), marked AS (
    UPDATE license l
    SET self_reset_at = k.self_reset_at, self_reset_before = k.self_reset_before, moves = k.moves,
        moved_at = k.moved_at, last_activation_id = k.last_activation_id, taken = k.taken
    FROM unnest($32::integer[], $33::bigint[], $34::bigint[], $35::bigint[], $36::integer[], $37::bigint[],
            $38::bigint[], $39::boolean[])
        AS k (n, license_id, self_reset_at, self_reset_before, moves, moved_at, last_activation_id, taken)
    WHERE l.shard = (k.license_id >> 55)::smallint AND l.license_id = k.license_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), left_seat AS (
    DELETE FROM seat s
    USING unnest($40::integer[], $41::uuid[], $42::bigint[]) AS k (n, digest, activation_id)
    WHERE s.shard = (k.activation_id >> 55)::smallint AND s.digest = k.digest AND s.activation_id = k.activation_id
        AND (k.n IN (SELECT n FROM held)) IS TRUE
), took_seat AS (
    INSERT INTO seat (digest, activation_id, shard)
    SELECT k.digest, k.activation_id, (k.activation_id >> 55)::smallint
    FROM unnest($43::integer[], $44::uuid[], $45::bigint[]) AS k (n, digest, activation_id)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), freed AS (
    INSERT INTO reset (reset_id, activation_id, license_id, reset_at, staff_id, shard, why, reason, note)
    SELECT k.reset_id, k.activation_id, k.license_id, k.reset_at, k.staff_id, (k.license_id >> 55)::smallint, k.why, k.reason,
        k.note
    FROM unnest($46::integer[], $47::bigint[], $48::bigint[], $49::bigint[], $50::bigint[], $51::bigint[],
            $52::smallint[], $53::text[], $54::text[])
        AS k (n, reset_id, activation_id, license_id, reset_at, staff_id, why, reason, note)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), named AS (
    INSERT INTO personal (subject, shard, field, value)
    SELECT k.subject, (k.subject >> 55)::smallint, 6, k.value
    FROM unnest($55::integer[], $56::bigint[], $57::text[]) AS k (n, subject, value)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
), told AS (
    INSERT INTO event
        (about, event_id, actor_id, activation_id, shard, kind, actor, rule, trace_id, details)
    SELECT k.about, k.event_id, k.actor_id, k.activation_id, (k.about >> 55)::smallint, k.kind, k.actor, k.rule, k.trace_id,
        k.details::jsonb
    FROM unnest($58::integer[], $59::bigint[], $60::bigint[], $61::bigint[], $62::bigint[], $63::smallint[],
            $64::smallint[], $65::text[], $66::text[], $67::text[])
        AS k (n, about, event_id, actor_id, activation_id, kind, actor, rule, trace_id, details)
    WHERE (k.n IN (SELECT n FROM held)) IS TRUE
)
SELECT n::integer FROM held
