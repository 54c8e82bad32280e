-- Forget at most $1 keys that are empty by now ($2 moves the clock). What is being counted is left alone, so
-- that this never waits for anybody, nor anybody for ever for this.
DELETE FROM allowance WHERE key IN (
    SELECT key FROM allowance
    WHERE empty_at <= date_part('epoch', clock_timestamp()) + $2::float8
    LIMIT $1
    FOR UPDATE SKIP LOCKED)
