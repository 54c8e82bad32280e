-- GCRA over failed credentials: each of the keys $1 (all different) with its interval $2 and burst $3 in
-- seconds. `over` tells whether this failure came past the limit; `wait_s` is how long until the key is clean.
INSERT INTO failed_credential AS f (key, interval_s, burst_s, empty_at, over)
SELECT k.key, k.interval_s, k.burst_s, clock.now + k.interval_s, false
FROM unnest($1::bytea[], $2::float8[], $3::float8[]) AS k (key, interval_s, burst_s)
CROSS JOIN (SELECT date_part('epoch', clock_timestamp()) AS now) AS clock
ORDER BY k.key -- so that two workers never wait for each other
ON CONFLICT (key) DO UPDATE SET
    interval_s = EXCLUDED.interval_s,
    burst_s = EXCLUDED.burst_s,
    over = greatest(f.empty_at, EXCLUDED.empty_at - EXCLUDED.interval_s) > EXCLUDED.empty_at
        - 2 * EXCLUDED.interval_s + EXCLUDED.burst_s,
    empty_at = least(
        greatest(f.empty_at + EXCLUDED.interval_s, EXCLUDED.empty_at),
        EXCLUDED.empty_at - EXCLUDED.interval_s + EXCLUDED.burst_s)
RETURNING f.key, f.over, f.empty_at - date_part('epoch', clock_timestamp()) AS wait_s
