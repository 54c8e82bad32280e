-- Whom $1 may mean, a login or an e-mail: kind (1 staff, 2 reseller's user, 3 end user) and id of those who may
-- act, at most $3. $2 is the account that $1 names as a login. A reseller's e-mail is its owners', too.
-- First those named by login, or found by an e-mail that was bought with or confirmed (digests $4); then one of
-- each reseller's, and so on: who writes somebody's e-mail to many accounts does not crowd others out.
WITH known AS (
    SELECT subject FROM personal WHERE lower(value) = lower($1) AND field = 3
), meant AS (
    SELECT 1 AS kind, staff_id AS person_id, NULL::bigint AS reseller_id, login = $1 AS sure FROM staff
    WHERE state = 0 AND (login = $1 OR staff_id IN (SELECT subject FROM known))
    UNION ALL
    SELECT 2, user_id, r.reseller_id, login = $1 FROM reseller_user JOIN reseller r USING (reseller_id)
    WHERE reseller_user.state = 0 AND r.state < 2 AND (
        login = $1
        OR user_id IN (SELECT subject FROM known)
        OR (role = 'owner' AND reseller_id IN (SELECT subject FROM known)))
    UNION ALL
    SELECT 3, account_id, reseller_id,
        account_id = $2 OR account_id IN (SELECT account_id FROM account_by_email WHERE digest = ANY ($4))
    FROM (SELECT $2::bigint AS id UNION SELECT subject FROM known) named
    -- Looked up one by one: nobody knows how many have this e-mail, and it is nearly always one.
    JOIN LATERAL (
        SELECT * FROM account WHERE shard = (named.id >> 55)::smallint AND account_id = named.id LIMIT 1
    ) account ON account.state = 0
)
SELECT kind, person_id FROM meant
ORDER BY sure DESC, row_number() OVER (PARTITION BY kind, reseller_id ORDER BY person_id), kind, person_id
LIMIT $3
