-- The tables that the baseline needs: few columns, the indexes that its statements use, nothing spared that
-- durability asks for.
CREATE TABLE account (
    account_id    bigint PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    password_hash bytea NOT NULL
);
CREATE TABLE license (
    license_id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    product    text NOT NULL,
    major      smallint NOT NULL
);
CREATE INDEX license_of_account ON license (account_id);
CREATE TABLE activation (
    activation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    license_id    bigint NOT NULL UNIQUE REFERENCES license,
    activated_at  timestamptz NOT NULL DEFAULT now(),
    device_name   text NOT NULL,
    components    bytea[] NOT NULL
);
CREATE TABLE event (
    event_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened      timestamptz NOT NULL DEFAULT now(),
    license_id    bigint NOT NULL,
    activation_id bigint NOT NULL,
    what          text NOT NULL
);
