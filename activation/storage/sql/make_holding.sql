-- Add $4 licences to an account's holding of a product, making it if need be; answers how many it now has.
INSERT INTO holding (shard, account_id, product_id, licenses) VALUES ($1, $2, $3, $4)
ON CONFLICT (shard, account_id, product_id)
DO UPDATE SET licenses = holding.licenses + EXCLUDED.licenses, version = holding.version + 1
RETURNING licenses
