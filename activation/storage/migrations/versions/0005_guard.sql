-- Who gets in, what is kept about people, what can be proved.

-- Signing in -----------------------------------------------------------------------------------------------

-- password_phc: Argon2id over the keyed hash that password_hash held until now (RFC 9106). Who was made before
-- has none, and gets one when signing in.
ALTER TABLE staff
    ADD password_phc      text,
    ADD password_at       bigint,
    ADD totp_confirmed_at bigint,
    ADD totp_step         bigint NOT NULL DEFAULT 0,
    ADD suspended_at      bigint;
ALTER TABLE reseller_user
    ADD password_phc      text,
    ADD password_at       bigint,
    ADD totp_confirmed_at bigint,
    ADD totp_step         bigint NOT NULL DEFAULT 0,
    ADD closed_at         bigint;
COMMENT ON COLUMN staff.state IS '0 active, 1 suspended';
COMMENT ON COLUMN staff.totp_confirmed_at IS 'when the second factor was first shown to work; null: it is set up at the next sign-in';
COMMENT ON COLUMN staff.totp_step IS 'the last time step whose code was used (RFC 6238): each counts once';
UPDATE staff SET totp_confirmed_at = created_at;
UPDATE reseller_user SET totp_confirmed_at = created_at;
-- Who was closed before is forgotten after as long as who is closed now (G2).
UPDATE staff SET suspended_at = extract(epoch FROM now())::bigint WHERE state = 1;
UPDATE reseller_user SET closed_at = extract(epoch FROM now())::bigint WHERE state = 1;

CREATE TABLE recovery_code (
    person_id bigint NOT NULL,
    code_hash bytea NOT NULL,
    made_at   bigint NOT NULL,
    used_at   bigint,
    PRIMARY KEY (person_id, code_hash)
);

CREATE TABLE session (
    session_id    bigint PRIMARY KEY,
    token_hash    bytea NOT NULL UNIQUE,
    person_kind   smallint NOT NULL CHECK (person_kind BETWEEN 1 AND 3),
    person_id     bigint NOT NULL,
    stage         smallint NOT NULL,
    made_at       bigint NOT NULL,
    seen_at       bigint NOT NULL,
    ends_at       bigint NOT NULL,
    stepped_up_at bigint,
    address       text NOT NULL,
    browser       text NOT NULL,
    ended_at      bigint,
    ended_why     smallint
);
COMMENT ON COLUMN session.person_kind IS '1 staff, 2 reseller''s user, 3 end user';
COMMENT ON COLUMN session.stage IS '1 the second factor is awaited, 2 it is to be set up, 3 signed in';
COMMENT ON COLUMN session.ended_why IS '1 signed out, 2 ended from another session, 3 password changed, 4 closed by staff, 5 too old';
CREATE INDEX session_of_person ON session (person_id, session_id);
CREATE INDEX session_age ON session (ends_at);

CREATE TABLE password_link (
    link_hash   bytea PRIMARY KEY,
    person_kind smallint NOT NULL CHECK (person_kind BETWEEN 1 AND 3),
    person_id   bigint NOT NULL,
    made_at     bigint NOT NULL,
    ends_at     bigint NOT NULL,
    used_at     bigint
);
CREATE INDEX password_link_of_person ON password_link (person_id);

-- What is limited (GCRA), by a keyed digest of what it is. May be lost in a crash: then counting starts anew.
CREATE UNLOGGED TABLE allowance (
    key        bytea PRIMARY KEY,
    burst      integer NOT NULL,
    interval_s double precision NOT NULL,
    asked      integer NOT NULL,
    taken      integer NOT NULL,
    counted_at double precision NOT NULL,
    empty_at   double precision NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE failed_credential IS 'as allowance, for servers of the release before; goes with the next migration';

-- D5: the highest version of the pepper that anything was ever keyed under, raised before the first is: a server
-- that knows only older ones must not take for a stranger what it cannot know. A device's row is what tells here.
CREATE TABLE pepper_used (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version smallint NOT NULL
);
INSERT INTO pepper_used (version) SELECT coalesce(max(pepper), 1) FROM activation;
GRANT SELECT ON pepper_used TO activation_tenant;

-- Tokens ---------------------------------------------------------------------------------------------------

ALTER TABLE staff_token
    ADD token_id     bigint,
    ADD scopes       text[],
    ADD last_used_at bigint,
    ADD revoked_at   bigint;
ALTER TABLE reseller_token
    ADD token_id     bigint,
    ADD scopes       text[],
    ADD last_used_at bigint,
    ADD revoked_at   bigint;
COMMENT ON COLUMN staff_token.scopes IS 'the acts it is for; null: all that its owner''s role may';
UPDATE staff_token SET token_id = ('x' || left(encode(token_hash, 'hex'), 13))::bit(52)::bigint;
UPDATE reseller_token SET token_id = ('x' || left(encode(token_hash, 'hex'), 13))::bit(52)::bigint;
CREATE UNIQUE INDEX staff_token_id ON staff_token (token_id);
CREATE UNIQUE INDEX reseller_token_id ON reseller_token (token_id);

-- Audit ----------------------------------------------------------------------------------------------------

-- Where somebody was is kept apart, for 30 days; the event keeps a keyed digest of it, so that it can be shown
-- unchanged as long as it is there. xid: which transaction wrote it, by which the sealer knows what is complete.
ALTER TABLE event
    ADD role           smallint,
    ADD address_digest bytea,
    ADD xid            bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
COMMENT ON COLUMN event.role IS 'the actor''s role when it happened';
CREATE INDEX event_by_xid ON event USING brin (xid) WITH (pages_per_range = 32, autosummarize = on);
-- What people did who were signed in: softphones have no role, and their events are not here.
CREATE INDEX event_by_person ON event (actor_id, happened) WHERE role IS NOT NULL;

CREATE TABLE event_address (
    event_id bigint NOT NULL,
    shard    smallint NOT NULL,
    noted_at bigint NOT NULL,
    address  text NOT NULL,
    PRIMARY KEY (shard, event_id)
);

CREATE TABLE seal (
    number    bigint PRIMARY KEY,
    from_xid  bigint NOT NULL,
    until_xid bigint NOT NULL,
    events    bigint NOT NULL,
    root      bytea NOT NULL,
    before    bytea NOT NULL,
    sealed_at bigint NOT NULL,
    signed    text NOT NULL,
    delegation text NOT NULL
);
COMMENT ON COLUMN seal.root IS 'Merkle root over the events of transactions from_xid <= xid < until_xid (RFC 9162)';
COMMENT ON COLUMN seal.before IS 'hash of the seal before: a chain';
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which rules were weighed for a refusal. May be lost in a crash; kept for 30 days.
CREATE UNLOGGED TABLE refusal_trace (
    trace_id   text NOT NULL,
    refused_at bigint NOT NULL,
    shard      smallint NOT NULL,
    route      text NOT NULL,
    code       text NOT NULL,
    rule       text NOT NULL,
    account_id bigint,
    license_id bigint,
    person_id  bigint,
    weighed    jsonb NOT NULL,
    PRIMARY KEY (shard, trace_id, refused_at)
);
CREATE INDEX refusal_trace_age ON refusal_trace (refused_at);
CREATE INDEX refusal_trace_of_account ON refusal_trace (shard, account_id) WHERE account_id IS NOT NULL;

-- Privacy --------------------------------------------------------------------------------------------------

ALTER TABLE account
    ADD closed_at     bigint,
    ADD erased_at     bigint,
    ADD restricted_at bigint,
    ADD objected_at   bigint;
COMMENT ON COLUMN account.restricted_at IS 'kept, but not used for anything else (GDPR Art. 18)';
COMMENT ON COLUMN account.objected_at IS 'no use beyond what the contract needs (GDPR Art. 21)';

CREATE TABLE privacy_request (
    request_id      bigint NOT NULL,
    shard           smallint NOT NULL,
    account_id      bigint NOT NULL,
    kind            smallint NOT NULL,
    regime          smallint NOT NULL,
    state           smallint NOT NULL DEFAULT 0,
    asked_at        bigint NOT NULL,
    due_at          bigint NOT NULL,
    asked_how       text NOT NULL,
    verified_at     bigint,
    verified_by     bigint,
    verified_how    text,
    answered_at     bigint,
    answered_by     bigint,
    answer          text,
    told_overdue_at bigint,
    PRIMARY KEY (shard, request_id)
);
COMMENT ON COLUMN privacy_request.kind IS '1 access, 2 portability, 3 rectification, 4 restriction, 5 objection, 6 erasure, 7 lifting of a restriction';
COMMENT ON COLUMN privacy_request.regime IS '1 GDPR: one month, 2 CCPA: 45 days';
COMMENT ON COLUMN privacy_request.state IS '0 open, 1 done, 2 refused, 3 withdrawn';
CREATE INDEX privacy_request_of_account ON privacy_request (shard, account_id, request_id);
CREATE INDEX privacy_request_due ON privacy_request (due_at) WHERE state = 0;

CREATE TABLE consent (
    account_id bigint NOT NULL,
    consent_id bigint NOT NULL,
    shard      smallint NOT NULL,
    purpose    text NOT NULL,
    given      boolean NOT NULL,
    told_at    bigint NOT NULL,
    how        text NOT NULL,
    version    text NOT NULL,
    PRIMARY KEY (shard, account_id, consent_id)
);
COMMENT ON TABLE consent IS 'each giving and withdrawing is a row (G8); kept for 5 years';

-- Who looked at whose data (G7); no other event enters it.
CREATE INDEX event_looks ON event (happened) WHERE kind IN (100, 101);

ALTER TABLE terms_text
    ADD announced_to bigint,
    ADD announced_at bigint;
COMMENT ON COLUMN terms_text.announced_to IS 'changed terms are mailed in batches (G8): to all accounts up to this one';
UPDATE terms_text SET announced_at = published_at WHERE effective_at <= extract(epoch FROM now());

-- Who was erased: no name, only the account's number. Applied again to a restored backup (G5).
CREATE TABLE erasure (
    account_id bigint NOT NULL,
    shard      smallint NOT NULL,
    erased_at  bigint NOT NULL,
    PRIMARY KEY (shard, account_id)
);

-- Which database this is, and every copy of it: the ledger's file outside says it in each line, so that nobody is
-- erased whom another database's erasures name.
CREATE TABLE database_id (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO database_id DEFAULT VALUES;

-- What bills must show of somebody who was erased, until their 10 years are over (G2).
CREATE TABLE billing_identity (
    account_id bigint NOT NULL,
    shard      smallint NOT NULL,
    name       text NOT NULL,
    address    text NOT NULL,
    kept_until bigint NOT NULL,
    PRIMARY KEY (shard, account_id)
);

CREATE TABLE retention_run (
    run_id     bigint NOT NULL,
    rule       text NOT NULL,
    ran_at     bigint NOT NULL,
    changed    bigint NOT NULL,
    PRIMARY KEY (run_id, rule)
);
COMMENT ON TABLE retention_run IS 'what retention deleted or made anonymous, as counts (G2)';

-- Resellers' connections: events as before, where they were written from never to be read; of their own users
-- sessions (never a token's hash), API tokens, recovery codes, and that mailed links end.
GRANT INSERT ON event_address TO activation_tenant;
GRANT SELECT (session_id, person_kind, person_id, stage, made_at, seen_at, ends_at, address, browser, ended_at),
    UPDATE (ended_at, ended_why) ON session TO activation_tenant;
GRANT SELECT (person_id), DELETE ON recovery_code TO activation_tenant;
GRANT SELECT (person_kind, person_id, used_at), UPDATE (used_at) ON password_link TO activation_tenant;
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE reseller_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON session TO activation_tenant USING (
    person_kind = 2 AND EXISTS (SELECT FROM reseller_user u WHERE u.user_id = person_id)
);
CREATE POLICY own ON recovery_code TO activation_tenant USING (
    EXISTS (SELECT FROM reseller_user u WHERE u.user_id = person_id)
);
CREATE POLICY own ON password_link TO activation_tenant USING (
    person_kind = 2 AND EXISTS (SELECT FROM reseller_user u WHERE u.user_id = person_id)
);
CREATE POLICY own ON reseller_token TO activation_tenant USING (
    EXISTS (SELECT FROM reseller_user u WHERE u.user_id = reseller_token.user_id)
);
CREATE POLICY others ON session USING (current_user <> 'activation_tenant');
CREATE POLICY others ON recovery_code USING (current_user <> 'activation_tenant');
CREATE POLICY others ON password_link USING (current_user <> 'activation_tenant');
CREATE POLICY others ON reseller_token USING (current_user <> 'activation_tenant');

-- By whom, and what is due: for forgetting people and devices (G2, G3).
CREATE INDEX mail_of_subject ON mail (subject);
CREATE INDEX account_by_email_of ON account_by_email (account_id);
CREATE INDEX acceptance_by ON acceptance (accepted_by);
-- A device that was forgotten has no part left: 14 bytes, where one digest alone takes more than 16.
CREATE INDEX activation_superseded ON activation (ended_at)
    WHERE ended_at IS NOT NULL AND octet_length(enrolment) > 16;
