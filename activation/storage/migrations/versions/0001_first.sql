-- Times named _at are whole seconds since 1970 UTC: what the rules compute with.
-- Every table of an account starts its keys with the account's shard (0-255), so that the same statements
-- run on one node, on partitions and on Citus distributed by shard.

CREATE TABLE installation (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    demo       boolean NOT NULL,
    created    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE installation IS 'One row. demo: made by the demo seed, so demo data may enter.';

CREATE TABLE product (
    product_id           smallint PRIMARY KEY,
    code                 text NOT NULL UNIQUE,
    name                 text NOT NULL,
    policy               text NOT NULL DEFAULT 'standard',
    install_id_platforms text[] NOT NULL DEFAULT '{}',
    valid_s              integer NOT NULL DEFAULT 2592000,
    renew_s              integer NOT NULL DEFAULT 604800,
    moving_valid_s       integer NOT NULL DEFAULT 691200,
    moving_renew_s       integer NOT NULL DEFAULT 86400
);

CREATE TABLE account (
    account_id      bigint NOT NULL,
    created_at      bigint NOT NULL,
    shard           smallint NOT NULL CHECK (shard BETWEEN 0 AND 255),
    state           smallint NOT NULL DEFAULT 0,
    owner_hash      bytea NOT NULL,
    activation_hash bytea,
    PRIMARY KEY (shard, account_id)
);

-- What an account or an activation says about a person stands here and nowhere else.
CREATE TABLE personal (
    subject bigint NOT NULL,
    shard   smallint NOT NULL,
    field   smallint NOT NULL,
    value   text NOT NULL,
    PRIMARY KEY (shard, subject, field)
);
COMMENT ON COLUMN personal.subject IS 'an account_id, or an activation_id for a device name';
COMMENT ON COLUMN personal.field IS '1 login, 2 name, 3 e-mail, 4 address, 5 phone, 6 device name';

-- One account's licences of one product: the whole that one decision spans, with the version it compares.
CREATE TABLE holding (
    account_id bigint NOT NULL,
    version    bigint NOT NULL DEFAULT 0,
    licenses   integer NOT NULL DEFAULT 0,
    shard      smallint NOT NULL,
    product_id smallint NOT NULL REFERENCES product,
    PRIMARY KEY (shard, account_id, product_id),
    FOREIGN KEY (shard, account_id) REFERENCES account
) WITH (fillfactor = 75);

CREATE TABLE license (
    license_id         bigint NOT NULL,
    account_id         bigint NOT NULL,
    created_at         bigint NOT NULL,
    shard              smallint NOT NULL,
    product_id         smallint NOT NULL,
    major              smallint NOT NULL,
    kind               smallint NOT NULL DEFAULT 0,
    state              smallint NOT NULL DEFAULT 0,
    device_limit       smallint NOT NULL DEFAULT 1 CHECK (device_limit BETWEEN 1 AND 1000),
    moves              integer NOT NULL DEFAULT 0,
    large              boolean NOT NULL DEFAULT false,
    taken              boolean NOT NULL DEFAULT false,
    ends_at            bigint,
    updates_until      bigint,
    self_reset_at      bigint,
    self_reset_before  bigint,
    moved_at           bigint,
    last_activation_id bigint,
    PRIMARY KEY (shard, license_id),
    FOREIGN KEY (shard, account_id, product_id) REFERENCES holding
) WITH (fillfactor = 90);
CREATE INDEX license_of_holding ON license (shard, account_id, product_id, license_id);
-- Free seats of large holdings only: small ones are read whole and pay for no index.
CREATE INDEX license_free_seat ON license (shard, account_id, product_id, major, license_id)
    WHERE large AND NOT taken;
CREATE INDEX license_large ON license (shard, account_id, product_id, major, license_id) WHERE large;
COMMENT ON COLUMN license.large IS 'belongs to a holding of more than 16 licences';
COMMENT ON COLUMN license.taken IS 'kept for large holdings only: no slot is free';

-- No foreign key: rows come only through the guarded write, and the check would cost every activation.
CREATE TABLE activation (
    activation_id bigint NOT NULL,
    license_id    bigint NOT NULL,
    activated_at  bigint NOT NULL,
    ended_at      bigint,
    shard         smallint NOT NULL,
    slot          smallint NOT NULL CHECK (slot >= 0),
    ended_why     smallint,
    pepper        smallint NOT NULL,
    online        boolean NOT NULL DEFAULT true,
    enrolment     bytea NOT NULL,
    device_key    bytea,
    PRIMARY KEY (shard, activation_id),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
) WITH (fillfactor = 90);
-- The last guard of the device limit: one current activation in each slot of a licence.
CREATE UNIQUE INDEX activation_slot ON activation (shard, license_id, slot) WHERE ended_at IS NULL;

-- The seats of large holdings by the digests of their parts: current devices', and the last one's of a seat
-- that is free.
CREATE TABLE seat (
    digest        uuid NOT NULL,
    activation_id bigint NOT NULL,
    shard         smallint NOT NULL,
    PRIMARY KEY (shard, digest, activation_id)
);

CREATE TABLE reset (
    reset_id      bigint NOT NULL,
    activation_id bigint NOT NULL,
    license_id    bigint NOT NULL,
    reset_at      bigint NOT NULL,
    staff_id      bigint,
    shard         smallint NOT NULL,
    why           smallint NOT NULL,
    reason        text NOT NULL DEFAULT '',
    note          text NOT NULL DEFAULT '',
    PRIMARY KEY (shard, reset_id, activation_id)
);
CREATE INDEX reset_of_license ON reset (shard, license_id, reset_at);

-- Append-only: what happened, written in the transaction that made it so.
CREATE TABLE event (
    about         bigint NOT NULL,
    event_id      bigint NOT NULL,
    happened      timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id      bigint,
    activation_id bigint,
    shard         smallint NOT NULL,
    kind          smallint NOT NULL,
    actor         smallint NOT NULL,
    rule          text NOT NULL,
    trace_id      text NOT NULL,
    details       jsonb,
    PRIMARY KEY (shard, about, event_id)
);
COMMENT ON COLUMN event.about IS 'the licence, else the account or the person of staff';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only takes new rows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Failed credentials only (GCRA). May be lost in a crash: then counting starts anew.
CREATE UNLOGGED TABLE failed_credential (
    key        bytea PRIMARY KEY,
    interval_s double precision NOT NULL,
    burst_s    double precision NOT NULL,
    empty_at   double precision NOT NULL,
    over       boolean NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE staff (
    staff_id      bigint PRIMARY KEY,
    login         text NOT NULL UNIQUE,
    role          text NOT NULL CHECK (role IN ('admin', 'sales', 'support', 'auditor')),
    state         smallint NOT NULL DEFAULT 0,
    password_hash bytea NOT NULL,
    totp_box      bytea NOT NULL,
    created_at    bigint NOT NULL
);
CREATE TABLE staff_token (
    token_hash bytea PRIMARY KEY,
    staff_id   bigint NOT NULL REFERENCES staff,
    name       text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint
);
CREATE TABLE reseller (
    reseller_id bigint PRIMARY KEY,
    name        text NOT NULL,
    state       smallint NOT NULL DEFAULT 0,
    created_at  bigint NOT NULL
);
CREATE TABLE reseller_user (
    user_id       bigint PRIMARY KEY,
    reseller_id   bigint NOT NULL REFERENCES reseller,
    login         text NOT NULL UNIQUE,
    role          text NOT NULL CHECK (role IN ('owner', 'operator')),
    password_hash bytea NOT NULL,
    totp_box      bytea NOT NULL,
    created_at    bigint NOT NULL
);
