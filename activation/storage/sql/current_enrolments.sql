-- The current activations of one holding and the last ones of its free seats, with what is enrolled.
SELECT c.activation_id, c.enrolment
FROM license l JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id
    AND (c.ended_at IS NULL OR c.activation_id = l.last_activation_id AND NOT l.taken)
WHERE l.shard = $1 AND l.account_id = $2 AND l.product_id = $3
