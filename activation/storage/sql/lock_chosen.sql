-- Wait for the holdings of the licences chosen and keep them, in the order in which everybody takes them.
SELECT 1 FROM holding h
WHERE (h.shard, h.account_id, h.product_id) IN (
    SELECT l.shard, l.account_id, l.product_id FROM license l WHERE {chosen}
)
ORDER BY h.shard, h.account_id, h.product_id
FOR UPDATE
