-- Whom $1 may mean, a login or an e-mail: kind (1 staff, 2 reseller's user, 3 end user) and id of those who may
-- act, at most $3. $2 is the account that $1 names as a login. A reseller's e-mail is its owners', too.
WITH known AS (
    SELECT subject FROM personal WHERE lower(value) = lower($1) AND field IN (1, 3) AND field = 3
)
SELECT 1, staff_id FROM staff
WHERE state = 0 AND (login = $1 OR staff_id IN (SELECT subject FROM known))
UNION ALL
SELECT 2, user_id FROM reseller_user JOIN reseller r USING (reseller_id)
WHERE reseller_user.state = 0 AND r.state < 2 AND (
    login = $1
    OR user_id IN (SELECT subject FROM known)
    OR (role = 'owner' AND reseller_id IN (SELECT subject FROM known)))
UNION ALL
SELECT 3, account_id FROM account
WHERE state = 0 AND (account_id = $2 OR account_id IN (SELECT subject FROM known))
ORDER BY 1, 2 LIMIT $3
