-- A licence's current activations and the last $3 that ended, newest first. Whatever ended did so by a reset,
-- a move or a release, and stands in `reset`: there is no index of past activations by licence.
SELECT a.activation_id, a.license_id, a.slot, a.enrolment, a.pepper, a.activated_at, a.online, a.device_key,
    a.proof_counter, a.proof_hash, a.forked_at, a.fork_told_at, a.ended_at, a.ended_why
FROM (
    SELECT c.activation_id FROM activation c WHERE c.shard = $1 AND c.license_id = $2 AND c.ended_at IS NULL
    UNION
    (SELECT r.activation_id FROM reset r WHERE r.shard = $1 AND r.license_id = $2 ORDER BY r.reset_at DESC LIMIT $3)
) AS k
JOIN activation a ON a.shard = $1 AND a.activation_id = k.activation_id
ORDER BY a.ended_at DESC NULLS FIRST, a.activated_at DESC, a.activation_id DESC
