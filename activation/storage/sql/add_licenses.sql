-- The new licences' rows: ids $4, all of one product, major and kind.
INSERT INTO license
    (shard, account_id, product_id, license_id, major, kind, device_limit, large, ends_at, created_at)
SELECT $1, $2, $3, id, $5, $6, $7, $8, $9, $10 FROM unnest($4::bigint[]) AS id
