-- What the console's pages need beside the API's.

-- The overview: how often what happened, by minute for two days, by the vendor's day for good. Sums only.
CREATE TABLE activity (
    span   smallint NOT NULL,
    since  bigint NOT NULL,
    what   smallint NOT NULL,
    reason text NOT NULL DEFAULT '',
    by_id  bigint NOT NULL DEFAULT 0,
    number bigint NOT NULL,
    PRIMARY KEY (span, since, what, reason, by_id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN activity.span IS '1 a minute, 2 a day, 3 the busiest minute of a day';
COMMENT ON COLUMN activity.what IS 'an event''s kind; 0 a refusal';
COMMENT ON COLUMN activity.reason IS 'a refusal''s code, the reason of a reset by staff';
COMMENT ON COLUMN activity.by_id IS 'who of staff reset; 0 otherwise';

-- Up to which transaction events have been counted (as event.xid says it): moved with the sums.
CREATE TABLE activity_counted (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    until_xid bigint NOT NULL DEFAULT 0
);
INSERT INTO activity_counted DEFAULT VALUES;

-- Search as one types: whatever begins so, compared by bytes whatever the database's language; devices' names too.
-- What it is comes first: who does not see e-mails is not kept waiting by a million that begin so.
-- It serves what personal_login did, which goes.
CREATE INDEX personal_named ON personal (field, lower(value) text_pattern_ops) WHERE field IN (1, 3, 6);
DROP INDEX personal_login;
-- Certificates that were given by file, by their ids.
CREATE INDEX offline_file_jti ON offline_file (shard, jti);

-- Resets by staff, in each state, the newest first.
CREATE INDEX override_by_time ON override (state, asked_at, reset_id);

-- A reseller's customers, the newest first.
CREATE INDEX account_newest ON account (reseller_id, created_at, account_id) WHERE reseller_id IS NOT NULL;

-- Row-level security asks of each row first whose it is, and only then what stands in it: no index is asked for an
-- e-mail, and a search looks every customer up twice. These two look first; a tenant finds its own customers only,
-- whomever it names.
CREATE FUNCTION customers_by_email(whose bigint, emails text[]) RETURNS TABLE (email text, account_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT lower(p.value), a.account_id
    FROM personal p JOIN account a ON a.shard = p.shard AND a.account_id = p.subject
    WHERE p.field = 3 AND lower(p.value) = ANY (emails) AND a.reseller_id = whose AND whose = coalesce(tenant(), whose)
    ORDER BY a.created_at DESC, a.account_id
$$;
CREATE FUNCTION customers_named(whose bigint, pattern text) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.account_id FROM account a
    WHERE a.reseller_id = whose AND whose = coalesce(tenant(), whose) AND EXISTS (
        SELECT FROM personal p
        WHERE p.shard = a.shard AND p.subject = a.account_id
            AND (p.field = 1 OR (p.field IN (2, 3) AND a.restricted_at IS NULL)) AND lower(p.value) LIKE pattern
        OFFSET 0)
$$;

-- Files of rows that were assigned (P5), by a keyed digest of what they said, so that none is twice by mistake.
CREATE TABLE assigned_sheet (
    reseller_id bigint NOT NULL REFERENCES reseller,
    digest      bytea NOT NULL,
    assigned_at bigint NOT NULL,
    user_id     bigint NOT NULL,
    licenses    integer NOT NULL,
    PRIMARY KEY (reseller_id, digest, assigned_at)
);
ALTER TABLE assigned_sheet ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON assigned_sheet TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY others ON assigned_sheet USING (current_user <> 'activation_tenant');
GRANT SELECT, INSERT ON assigned_sheet TO activation_tenant;
