-- Add licences to many holdings at once, making those that are not there; answers how many each now has.
INSERT INTO holding (shard, account_id, product_id, licenses)
SELECT n.shard, n.account_id, n.product_id, n.added
FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::int[]) AS n (shard, account_id, product_id, added)
ON CONFLICT (shard, account_id, product_id)
DO UPDATE SET licenses = holding.licenses + EXCLUDED.licenses, version = holding.version + 1
RETURNING account_id, product_id, licenses
