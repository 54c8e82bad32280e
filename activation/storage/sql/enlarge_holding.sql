-- A holding that outgrew 16 licences: from now on its free seats and digests are found by index.
UPDATE license l SET large = true, taken = l.device_limit <= (
    SELECT count(*) FROM activation c
    WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL)
WHERE l.shard = $1 AND l.account_id = $2 AND l.product_id = $3
