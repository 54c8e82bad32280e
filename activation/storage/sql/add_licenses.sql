-- The new licences' rows: ids $4, all of one product, major and kind, from one order or subscription.
INSERT INTO license
    (shard, account_id, product_id, license_id, major, kind, device_limit, large, ends_at, created_at,
    updates_until, reseller_id, purchase_id, subscription_id)
SELECT $1, $2, $3, id, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM unnest($4::bigint[]) AS id
