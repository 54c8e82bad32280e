-- GCRA for many keys at once: each of the keys $1 (all different) with its burst $2, its interval $3 in seconds
-- and how many ask for it now $4; $5 moves the clock. A key holds at most its burst and leaks one each interval.
-- As many are taken as find room (a thousandth forgives what floats lose); the others cost nothing. A key that
-- holds a minute more than it can is from before the clock was put back, and counts anew. `level_s` is how long
-- until the key is empty.
INSERT INTO allowance AS a (key, burst, interval_s, asked, taken, counted_at, empty_at)
SELECT k.key, k.burst, k.interval_s, k.asked, least(k.asked, k.burst), clock.now,
    clock.now + least(k.asked, k.burst) * k.interval_s
FROM unnest($1::bytea[], $2::integer[], $3::float8[], $4::integer[]) AS k (key, burst, interval_s, asked)
CROSS JOIN (SELECT date_part('epoch', clock_timestamp()) + $5::float8 AS now) AS clock
ORDER BY k.key -- so that two workers never wait for each other
ON CONFLICT (key) DO UPDATE SET (burst, interval_s, asked, counted_at, taken, empty_at) = (
    SELECT EXCLUDED.burst, EXCLUDED.interval_s, EXCLUDED.asked, EXCLUDED.counted_at, fit.taken,
        EXCLUDED.counted_at + held.level_s + fit.taken * EXCLUDED.interval_s
    FROM (SELECT a.empty_at - EXCLUDED.counted_at AS left_s, EXCLUDED.burst * EXCLUDED.interval_s AS burst_s) AS was
    CROSS JOIN LATERAL (SELECT CASE
        WHEN was.left_s < 0 OR was.left_s > was.burst_s + 60 THEN 0
        ELSE least(was.left_s, was.burst_s) END AS level_s) AS held
    CROSS JOIN LATERAL (SELECT least(
        EXCLUDED.asked, floor(EXCLUDED.burst - held.level_s / EXCLUDED.interval_s + 0.001)::integer) AS taken)
        AS fit)
RETURNING a.key, a.taken, a.empty_at - a.counted_at AS level_s
