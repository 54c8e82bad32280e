-- T4: these accounts hold regular licences, since $3 at the latest.
UPDATE account a SET regular_at = n.since
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS n (shard, account_id, since)
WHERE a.shard = n.shard AND a.account_id = n.account_id AND (a.regular_at IS NULL OR a.regular_at > n.since)
