-- The one table that the least of an activation needs, and the log beside it; in the baseline's database.
CREATE TABLE leanest_seat (
    account_id    bigint PRIMARY KEY,
    license_id    bigint NOT NULL,
    version       bigint NOT NULL DEFAULT 0,
    activation_id bigint,
    password_hash bytea NOT NULL,
    enrolment     bytea
) WITH (fillfactor = 60);
CREATE TABLE leanest_event (
    happened      timestamptz NOT NULL DEFAULT clock_timestamp(),
    license_id    bigint NOT NULL,
    activation_id bigint NOT NULL
);
INSERT INTO leanest_seat (account_id, license_id, password_hash)
SELECT account_id, license_id, password_hash FROM account JOIN license USING (account_id);
