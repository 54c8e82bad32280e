-- Keep the busiest minute of each day in the time zone $2, as far as minutes from $1 on tell it, of what counts ($3).
INSERT INTO activity (span, since, what, number)
SELECT 3, date_part('epoch', date_trunc('day', to_timestamp(since), $2))::bigint AS day, 0, max(number)
FROM (
    SELECT since, sum(number) AS number FROM activity
    WHERE span = 1 AND since >= $1 AND what = ANY ($3::smallint[]) GROUP BY since
) AS minutes
GROUP BY day
ON CONFLICT (span, since, what, reason, by_id)
    DO UPDATE SET number = excluded.number WHERE activity.number < excluded.number
