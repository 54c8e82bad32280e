-- Which of these events ($1-$3) are in the log: tells whether a write whose answer was lost was made.
SELECT k.n::integer AS n
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (shard, about, event_id, n)
JOIN event e ON e.shard = k.shard AND e.about = k.about AND e.event_id = k.event_id
