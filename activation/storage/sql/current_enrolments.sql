-- The current activations of one holding, with what is enrolled of their devices.
SELECT c.activation_id, c.enrolment
FROM license l JOIN activation c ON c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL
WHERE l.shard = $1 AND l.account_id = $2 AND l.product_id = $3
