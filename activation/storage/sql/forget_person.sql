-- Delete what anybody who signs in leaves behind: $1 is an account, a person of staff or a reseller's user.
WITH mailed AS (
    DELETE FROM mail WHERE subject = $1
), signed_in AS (
    DELETE FROM session WHERE person_id = $1
), linked AS (
    DELETE FROM password_link WHERE person_id = $1
), recovered AS (
    DELETE FROM recovery_code WHERE person_id = $1
), answered AS (
    DELETE FROM idempotency WHERE person_id = $1
), known_by_email AS (
    DELETE FROM account_by_email WHERE account_id = $1
)
UPDATE acceptance SET address = '' WHERE (subject = $1 OR accepted_by = $1) AND address <> ''
