-- The business around a licence. Money is euros without VAT. Resellers, staff and what belongs to them are in
-- shard 0; what belongs to an account stands beside it.

-- Licences -------------------------------------------------------------------------------------------------

ALTER TABLE license
    ADD holds           smallint NOT NULL DEFAULT 0,
    ADD orphaned        boolean NOT NULL DEFAULT false,
    ADD reseller_id     bigint,
    ADD purchase_id     bigint,
    ADD subscription_id bigint;
COMMENT ON COLUMN license.holds IS 'why it is suspended, bits: 1 late payment, 2 penalty, 4 staff, 8 subscription fee';
COMMENT ON COLUMN license.orphaned IS 'its reseller was terminated: no resets, no updates (R9)';
CREATE INDEX license_of_reseller ON license (reseller_id, purchase_id) WHERE reseller_id IS NOT NULL;
CREATE INDEX license_of_purchase ON license (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX license_of_subscription ON license (shard, subscription_id) WHERE subscription_id IS NOT NULL;

CREATE TABLE license_note (
    note_id    bigint NOT NULL,
    license_id bigint NOT NULL,
    shard      smallint NOT NULL,
    noted_at   bigint NOT NULL,
    staff_id   bigint,
    note       text NOT NULL,
    PRIMARY KEY (shard, license_id, note_id)
);
COMMENT ON TABLE license_note IS 'why staff changed a licence''s standing; staff_id null: the command line';

ALTER TABLE account
    ADD reseller_id  bigint,
    ADD affiliated   boolean NOT NULL DEFAULT false,
    ADD own_use      boolean NOT NULL DEFAULT false,
    ADD regular_at   bigint;
COMMENT ON COLUMN account.own_use IS 'of the company itself that holds the distribution licence (C2)';
COMMENT ON COLUMN account.regular_at IS 'when it was first assigned a regular licence: after that no test licences (T4)';
CREATE INDEX account_of_reseller ON account (reseller_id, account_id) WHERE reseller_id IS NOT NULL;
-- By keyed digest of the e-mail: the account of a second purchase (C1), wherever its shard is.
CREATE TABLE account_by_email (
    digest     bytea PRIMARY KEY,
    account_id bigint NOT NULL
);
CREATE INDEX personal_login ON personal (lower(value)) WHERE field IN (1, 3);

ALTER TABLE product
    ADD update_months  smallint CHECK (update_months > 0),
    ADD test_product   boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN product.update_months IS 'builds released later than so many months after the purchase need an entitlement (L7); null: free';

CREATE TABLE build (
    product_id  smallint NOT NULL REFERENCES product,
    version     text NOT NULL,
    released_at bigint NOT NULL,
    PRIMARY KEY (product_id, version)
);

-- People -----------------------------------------------------------------------------------------------------

ALTER TABLE reseller
    ADD kind                  smallint NOT NULL DEFAULT 0,
    ADD version               bigint NOT NULL DEFAULT 0,
    ADD holds                 smallint NOT NULL DEFAULT 0,
    ADD retail_discount       numeric(5, 2) CHECK (retail_discount BETWEEN 0 AND 100),
    ADD terminated_at         bigint,
    ADD terminated_why        text,
    ADD deletion_due_at       bigint,
    ADD deletion_evidence     text,
    ADD deletion_confirmed_at bigint;
COMMENT ON COLUMN reseller.kind IS '0 reseller, 1 company with a distribution licence (C2)';
COMMENT ON COLUMN reseller.holds IS 'why it is suspended, the bits of license.holds';
COMMENT ON COLUMN reseller.retail_discount IS 'percent off every price of the table, this reseller''s own (P4)';
COMMENT ON COLUMN reseller.state IS '0 active, 1 suspended: orders refused, 2 terminated';
COMMENT ON COLUMN reseller.version IS 'counts what changes pool, orders or standing: the whole that P5 and P6 span';
ALTER TABLE reseller_user ADD state smallint NOT NULL DEFAULT 0;
CREATE TABLE reseller_token (
    token_hash bytea PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES reseller_user,
    name       text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint
);

CREATE TABLE terms_text (
    version      text PRIMARY KEY,
    body         text NOT NULL,
    published_at bigint NOT NULL,
    effective_at bigint NOT NULL
);
CREATE TABLE acceptance (
    acceptance_id bigint PRIMARY KEY,
    subject       bigint NOT NULL,
    version       text NOT NULL REFERENCES terms_text,
    accepted_by   bigint NOT NULL,
    accepted_at   bigint NOT NULL,
    address       text NOT NULL,
    UNIQUE (subject, version)
);
COMMENT ON COLUMN acceptance.subject IS 'a reseller_id or an account_id';

-- Orders and money -------------------------------------------------------------------------------------------

CREATE TABLE price (
    product_id    smallint NOT NULL REFERENCES product,
    since         bigint NOT NULL,
    from_quantity integer NOT NULL CHECK (from_quantity > 0),
    unit          numeric(12, 2) NOT NULL CHECK (unit >= 0),
    PRIMARY KEY (product_id, since, from_quantity)
);
COMMENT ON TABLE price IS 'volume discounts; the newest since <= now counts, as a whole. from_quantity 1 is the retail price';

CREATE TABLE purchase (
    purchase_id   bigint PRIMARY KEY,
    reseller_id   bigint REFERENCES reseller,
    account_id    bigint,
    product_id    smallint NOT NULL REFERENCES product,
    major         smallint NOT NULL,
    kind          smallint NOT NULL DEFAULT 0,
    quantity      integer NOT NULL CHECK (quantity > 0),
    unit          numeric(12, 2) NOT NULL,
    total         numeric(14, 2) NOT NULL,
    paid          numeric(14, 2) NOT NULL DEFAULT 0,
    method        smallint NOT NULL,
    state         smallint NOT NULL DEFAULT 0,
    placed_at     bigint NOT NULL,
    placed_by     bigint,
    due_at        bigint NOT NULL,
    paid_at       bigint,
    ended_at      bigint,
    consumer      boolean NOT NULL DEFAULT false,
    downloaded_at bigint,
    reference     text UNIQUE,
    CHECK ((reseller_id IS NULL) <> (account_id IS NULL))
);
COMMENT ON COLUMN purchase.method IS '0 online, 1 purchase order, 2 by mail';
COMMENT ON COLUMN purchase.state IS '0 open, 1 paid, 2 cancelled, 3 withdrawn';
CREATE INDEX purchase_of_reseller ON purchase (reseller_id, purchase_id) WHERE reseller_id IS NOT NULL;
CREATE INDEX purchase_of_account ON purchase (account_id, purchase_id) WHERE account_id IS NOT NULL;
CREATE INDEX purchase_open ON purchase (due_at) WHERE state = 0;

CREATE TABLE charge (
    charge_id   bigint PRIMARY KEY,
    reseller_id bigint REFERENCES reseller,
    account_id  bigint,
    kind        smallint NOT NULL,
    about       bigint,
    amount      numeric(14, 2) NOT NULL,
    paid        numeric(14, 2) NOT NULL DEFAULT 0,
    opened_at   bigint NOT NULL,
    opened_by   bigint,
    due_at      bigint NOT NULL,
    state       smallint NOT NULL DEFAULT 0,
    closed_at   bigint,
    licenses    integer,
    note        text NOT NULL DEFAULT '',
    CHECK ((reseller_id IS NULL) <> (account_id IS NULL))
);
COMMENT ON COLUMN charge.kind IS '1 penalty (P7), 2 reinstating (P8), 3 subscription fee (S1), 4 set-up fee, 5 update fee (S5)';
COMMENT ON COLUMN charge.state IS '0 open, 1 paid, 2 disputed, 3 returned, 4 waived';
CREATE INDEX charge_of_reseller ON charge (reseller_id, charge_id) WHERE reseller_id IS NOT NULL;
CREATE INDEX charge_of_account ON charge (account_id, charge_id) WHERE account_id IS NOT NULL;

CREATE TABLE payment (
    payment_id  bigint PRIMARY KEY,
    purchase_id bigint REFERENCES purchase,
    charge_id   bigint REFERENCES charge,
    amount      numeric(14, 2) NOT NULL,
    paid_at     bigint NOT NULL,
    recorded_by bigint,
    method      text NOT NULL,
    reference   text NOT NULL UNIQUE,
    CHECK ((purchase_id IS NULL) <> (charge_id IS NULL))
);
COMMENT ON COLUMN payment.amount IS 'negative for a refund';
COMMENT ON COLUMN payment.reference IS 'the processor''s or the bank''s: the same payment is recorded once';
CREATE INDEX payment_of_purchase ON payment (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX payment_of_charge ON payment (charge_id) WHERE charge_id IS NOT NULL;

-- The pool as a ledger: each entry continues the one before, and the key lets only one do so.
CREATE TABLE pool_entry (
    reseller_id bigint NOT NULL REFERENCES reseller,
    product_id  smallint NOT NULL REFERENCES product,
    major       smallint NOT NULL,
    kind        smallint NOT NULL DEFAULT 0,
    seq         integer NOT NULL CHECK (seq > 0),
    delta       integer NOT NULL CHECK (delta <> 0),
    balance     integer NOT NULL CHECK (balance >= 0),
    why         smallint NOT NULL,
    purchase_id bigint REFERENCES purchase,
    account_id  bigint,
    actor_id    bigint,
    entered_at  bigint NOT NULL,
    PRIMARY KEY (reseller_id, product_id, major, kind, seq)
);
COMMENT ON COLUMN pool_entry.why IS '1 paid, 2 assigned, 3 forfeited, 4 test licences granted, 5 used by the company itself, 6 disabled';
CREATE TRIGGER pool_entry_append_only BEFORE UPDATE OR DELETE ON pool_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Occasions of test licences (T3), by keyed digests of the account and of its e-mail: they outlive both.
CREATE TABLE occasion (
    digest     bytea NOT NULL,
    number     smallint NOT NULL CHECK (number BETWEEN 1 AND 2),
    given_at   bigint NOT NULL,
    PRIMARY KEY (digest, number)
);

-- Subscriptions ------------------------------------------------------------------------------------------------

CREATE TABLE subscription (
    subscription_id bigint NOT NULL,
    shard           smallint NOT NULL,
    account_id      bigint NOT NULL,
    product_id      smallint NOT NULL REFERENCES product,
    major           smallint NOT NULL,
    quantity        integer NOT NULL CHECK (quantity > 0),
    fee             numeric(12, 2) NOT NULL,
    setup_fee       numeric(12, 2) NOT NULL DEFAULT 0,
    months          smallint NOT NULL CHECK (months IN (1, 12)),
    state           smallint NOT NULL DEFAULT 0,
    made_at         bigint NOT NULL,
    started_at      bigint,
    paid_until      bigint,
    ended_at        bigint,
    ended_why       text,
    refund          numeric(12, 2),
    warned_for      bigint,
    PRIMARY KEY (shard, subscription_id),
    FOREIGN KEY (shard, account_id) REFERENCES account
);
COMMENT ON COLUMN subscription.state IS '0 awaiting its first fee, 1 running, 2 ended';
CREATE INDEX subscription_of_account ON subscription (shard, account_id);
CREATE INDEX subscription_running ON subscription (paid_until) WHERE state = 1;

CREATE TABLE update_plan (
    plan_id      bigint NOT NULL,
    shard        smallint NOT NULL,
    account_id   bigint NOT NULL,
    product_id   smallint NOT NULL REFERENCES product,
    fee          numeric(12, 2) NOT NULL,
    months       smallint NOT NULL CHECK (months > 0),
    started_at   bigint NOT NULL,
    paid_until   bigint NOT NULL,
    state        smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (shard, plan_id),
    UNIQUE (shard, account_id, product_id),
    FOREIGN KEY (shard, account_id) REFERENCES account
);
COMMENT ON COLUMN update_plan.state IS '0 running, 2 ended (S5); suspended is told by paid_until';
CREATE INDEX update_plan_running ON update_plan (paid_until) WHERE state = 0;

-- Resets that staff ask for, wait for, approve and undo (R4, R5) --------------------------------------------

CREATE TABLE override (
    reset_id   bigint NOT NULL,
    shard      smallint NOT NULL,
    license_id bigint NOT NULL,
    kind       smallint NOT NULL DEFAULT 0,
    staff_id   bigint NOT NULL REFERENCES staff,
    reason     text NOT NULL,
    note       text NOT NULL,
    asked_at   bigint NOT NULL,
    state      smallint NOT NULL DEFAULT 0,
    decided_by bigint REFERENCES staff,
    decided_at bigint,
    undone_by  bigint REFERENCES staff,
    undone_at  bigint,
    given_id   bigint,
    PRIMARY KEY (shard, reset_id)
);
COMMENT ON COLUMN override.kind IS '0 reset, 1 revoke an offline licence and give another (R2)';
COMMENT ON COLUMN override.state IS '0 waiting for a second person, 1 done, 2 declined, 3 undone';
CREATE INDEX override_of_staff ON override (staff_id, asked_at);
CREATE INDEX override_of_license ON override (shard, license_id, asked_at);
CREATE INDEX override_waiting ON override (asked_at) WHERE state = 0;
-- What staff have reset so far counts, and can be undone.
INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at, state)
SELECT DISTINCT ON (shard, reset_id) reset_id, shard, license_id, staff_id, reason, note, reset_at, 1
FROM reset JOIN staff USING (staff_id) WHERE why = 2 ORDER BY shard, reset_id;

-- One answer for one key (Idempotency-Key), written in the transaction of what it answers.
CREATE TABLE idempotency (
    person_id    bigint NOT NULL,
    key          text NOT NULL,
    asked_at     bigint NOT NULL,
    status       smallint,
    request_hash bytea NOT NULL,
    content_type text,
    answer       bytea,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX idempotency_age ON idempotency (asked_at);

-- What must leave the house: written with what it tells of, sent later --------------------------------------

CREATE TABLE mail (
    mail_id    bigint PRIMARY KEY,
    subject    bigint NOT NULL,
    template   text NOT NULL,
    params     jsonb NOT NULL,
    once_key   text UNIQUE,
    written_at bigint NOT NULL,
    tries      smallint NOT NULL DEFAULT 0,
    next_at    bigint NOT NULL,
    sent_at    bigint,
    dead_at    bigint,
    last_error text
);
COMMENT ON COLUMN mail.subject IS 'whose address: an account_id, a reseller_id or a staff_id; looked up when it is sent';
CREATE INDEX mail_waiting ON mail (next_at) WHERE sent_at IS NULL AND dead_at IS NULL;

CREATE TABLE hook (
    hook_id    bigint PRIMARY KEY,
    url        text NOT NULL,
    secret_box bytea NOT NULL,
    kinds      text[] NOT NULL,
    state      smallint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    created_by bigint
);
CREATE TABLE hook_message (
    message_id bigint PRIMARY KEY,
    kind       text NOT NULL,
    payload    jsonb NOT NULL,
    written_at bigint NOT NULL
);
CREATE TABLE hook_delivery (
    message_id   bigint NOT NULL REFERENCES hook_message,
    hook_id      bigint NOT NULL REFERENCES hook,
    tries        smallint NOT NULL DEFAULT 0,
    next_at      bigint NOT NULL,
    delivered_at bigint,
    dead_at      bigint,
    last_status  smallint,
    last_error   text,
    PRIMARY KEY (message_id, hook_id)
);
CREATE INDEX hook_delivery_waiting ON hook_delivery (next_at) WHERE delivered_at IS NULL AND dead_at IS NULL;

CREATE TABLE import_file (
    digest     bytea PRIMARY KEY,
    name       text NOT NULL,
    started_at bigint NOT NULL,
    done_lines integer NOT NULL DEFAULT 0,
    finished_at bigint
);

-- Tenants: what a reseller's connection may see, under the checks in code -----------------------------------

DO $$ BEGIN
    CREATE ROLE activation_tenant NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT activation_tenant TO %I', current_user);
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO activation_tenant;
REVOKE ALL ON license_note, staff, staff_token, payment, hook, hook_message, hook_delivery, failed_credential FROM activation_tenant;
GRANT SELECT (staff_id) ON staff TO activation_tenant;
GRANT INSERT ON hook_message, hook_delivery TO activation_tenant;
GRANT SELECT (hook_id, state, kinds) ON hook TO activation_tenant;

CREATE FUNCTION tenant() RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('activation.tenant', true), '')::bigint $$;

ALTER TABLE reseller ENABLE ROW LEVEL SECURITY;
ALTER TABLE reseller_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE purchase ENABLE ROW LEVEL SECURITY;
ALTER TABLE charge ENABLE ROW LEVEL SECURITY;
ALTER TABLE pool_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE license ENABLE ROW LEVEL SECURITY;
ALTER TABLE acceptance ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON reseller TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON reseller_user TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON purchase TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON charge TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON pool_entry TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON account TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON license TO activation_tenant USING (reseller_id = (SELECT tenant()));
CREATE POLICY own ON acceptance TO activation_tenant USING (subject = (SELECT tenant()));
-- What is known of a person, and a holding, belong to whom the account belongs.
ALTER TABLE personal ENABLE ROW LEVEL SECURITY;
ALTER TABLE holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON personal TO activation_tenant USING (
    subject = (SELECT tenant())
    OR EXISTS (SELECT FROM account a WHERE a.shard = personal.shard AND a.account_id = personal.subject)
    OR EXISTS (SELECT FROM reseller_user u WHERE u.user_id = personal.subject)
);
CREATE POLICY own ON holding TO activation_tenant USING (
    EXISTS (SELECT FROM account a WHERE a.shard = holding.shard AND a.account_id = holding.account_id)
);
-- Everybody else sees all, also where the server is not the tables' owner.
CREATE POLICY others ON reseller USING (current_user <> 'activation_tenant');
CREATE POLICY others ON reseller_user USING (current_user <> 'activation_tenant');
CREATE POLICY others ON purchase USING (current_user <> 'activation_tenant');
CREATE POLICY others ON charge USING (current_user <> 'activation_tenant');
CREATE POLICY others ON pool_entry USING (current_user <> 'activation_tenant');
CREATE POLICY others ON account USING (current_user <> 'activation_tenant');
CREATE POLICY others ON license USING (current_user <> 'activation_tenant');
CREATE POLICY others ON acceptance USING (current_user <> 'activation_tenant');
CREATE POLICY others ON personal USING (current_user <> 'activation_tenant');
CREATE POLICY others ON holding USING (current_user <> 'activation_tenant');
