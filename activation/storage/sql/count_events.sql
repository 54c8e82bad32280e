-- Add the events of transactions $1 <= xid < $2 to the sums: to those of minutes from $4 (seconds since 1970) on, and
-- of days in the time zone $3. $5 are the kinds that count, $6 those whose reason and whose doer are told apart.
-- Answers how many events there were.
WITH found AS MATERIALIZED (
    SELECT floor(date_part('epoch', date_trunc('minute', happened)))::bigint AS minute, kind,
        CASE WHEN kind = ANY ($6) THEN coalesce(details ->> 'reason', '') ELSE '' END AS reason,
        CASE WHEN kind = ANY ($6) THEN coalesce(actor_id, 0) ELSE 0 END AS by_id,
        count(*) AS number
    FROM event
    WHERE xid >= $1 AND xid < $2 AND kind = ANY ($5::smallint[])
    GROUP BY 1, 2, 3, 4
), spans AS (
    SELECT 1 AS span, minute AS since, kind, reason, by_id, number FROM found WHERE minute >= $4
    UNION ALL
    SELECT 2, date_part('epoch', date_trunc('day', to_timestamp(minute), $3))::bigint AS day, kind, reason, by_id,
        sum(number)
    FROM found GROUP BY day, kind, reason, by_id
), added AS (
    INSERT INTO activity (span, since, what, reason, by_id, number)
    SELECT span, since, kind, reason, by_id, number FROM spans ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (span, since, what, reason, by_id) DO UPDATE SET number = activity.number + excluded.number
)
SELECT coalesce(sum(number), 0)::bigint FROM found
