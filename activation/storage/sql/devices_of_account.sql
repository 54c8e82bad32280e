-- Every device that ever held a licence of the account $2 (shard $1): current, last, freed by a reset, told of in
-- the log. Behind each what is enrolled of it.
WITH held AS (
    SELECT license_id, last_activation_id FROM license WHERE shard = $1 AND account_id = $2
)
SELECT a.activation_id, a.enrolment
FROM activation a
WHERE a.shard = $1 AND a.activation_id IN (
    SELECT c.activation_id FROM activation c JOIN held h ON c.license_id = h.license_id
    WHERE c.shard = $1 AND c.ended_at IS NULL
    UNION SELECT h.last_activation_id FROM held h WHERE h.last_activation_id IS NOT NULL
    UNION SELECT r.activation_id FROM reset r JOIN held h ON r.license_id = h.license_id WHERE r.shard = $1
    UNION SELECT f.activation_id FROM offline_file f JOIN held h ON f.license_id = h.license_id
    WHERE f.shard = $1
    UNION SELECT e.activation_id FROM event e JOIN held h ON e.about = h.license_id
    WHERE e.shard = $1 AND e.activation_id IS NOT NULL
)
