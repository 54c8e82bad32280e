-- The hashes of the events of transactions $1 <= xid < $2 as leaves of a Merkle tree (RFC 9162): for each
-- transaction, in its order, and each eight shards, how many there are and their hashes, one behind the other, by
-- (shard, about, event_id).
-- record_send writes what PostgreSQL writes of a row in its binary protocol: the number of columns, and for each
-- its type's oid, its length (-1 for null) and its value. No setting of the session touches it: details go as
-- bytes of UTF-8; rule and trace_id are ASCII, the same in every encoding. docs/audit.md shows it byte by byte.
SELECT e.xid, count(*) AS events,
    string_agg(
        sha256('\x00'::bytea || record_send(ROW(
            e.xid, e.shard, e.about, e.event_id, e.happened, e.kind, e.actor, e.actor_id, e.role, e.activation_id,
            e.rule, e.trace_id, convert_to(e.details::text, 'UTF8'), e.address_digest))),
        ''::bytea ORDER BY e.shard, e.about, e.event_id) AS leaves
FROM event e
WHERE e.xid >= $1 AND e.xid < $2
GROUP BY e.xid, e.shard >> 3
ORDER BY e.xid, e.shard >> 3
