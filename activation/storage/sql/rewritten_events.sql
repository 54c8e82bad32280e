-- Events of transactions $1 <= xid < $2 that another transaction wrote than they say ($3 was added to their
-- numbers): a row that is changed gets the number of who changed it. Of a database that was restored all are such.
SELECT e.about, e.event_id, e.happened, e.trace_id, e.xmin::text::bigint AS written_by
FROM event e
WHERE e.xid >= $1 AND e.xid < $2 AND e.xmin::text::bigint <> ((e.xid - $3) & 4294967295)
ORDER BY e.xid, e.shard, e.about, e.event_id
LIMIT $4
