-- Add refusals to the sums: by the minute ($1) and the code ($2), so many ($3); days are those of the time zone $4.
WITH given AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS k (minute, code, number)
), spans AS (
    SELECT 1 AS span, minute AS since, code, number FROM given
    UNION ALL
    SELECT 2, date_part('epoch', date_trunc('day', to_timestamp(minute), $4))::bigint AS day, code, sum(number)
    FROM given GROUP BY day, code
)
INSERT INTO activity (span, since, what, reason, number)
SELECT span, since, 0, code, number FROM spans ORDER BY 1, 2, 4
ON CONFLICT (span, since, what, reason, by_id) DO UPDATE SET number = activity.number + excluded.number
