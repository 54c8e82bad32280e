-- T5: end the active test licences of these accounts at $3, their holdings' versions first; answers which.
WITH bumped AS (
    UPDATE holding h SET version = h.version + 1
    FROM unnest($1::smallint[], $2::bigint[]) AS n (shard, account_id)
    WHERE h.shard = n.shard AND h.account_id = n.account_id AND EXISTS (
        SELECT FROM license l WHERE l.shard = h.shard AND l.account_id = h.account_id
            AND l.product_id = h.product_id AND l.kind = $4 AND l.state < 2
            AND (l.ends_at IS NULL OR l.ends_at > $3))
    RETURNING h.shard, h.account_id, h.product_id)
UPDATE license l SET ends_at = $3 FROM bumped b
WHERE l.shard = b.shard AND l.account_id = b.account_id AND l.product_id = b.product_id
    AND l.kind = $4 AND l.state < 2 AND (l.ends_at IS NULL OR l.ends_at > $3)
RETURNING l.license_id
