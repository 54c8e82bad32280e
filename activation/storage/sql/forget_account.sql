-- Delete what is known of the person of the account $2 (shard $1), close the account for good at $3 (seconds), and
-- put $4, which no password has, in the place of its password. Numbers, times and sums stay.
-- Its holdings move on, so that a batch under way decides again.
WITH held AS (
    SELECT license_id FROM license WHERE shard = $1 AND account_id = $2
), moved AS (
    UPDATE holding SET version = version + 1 WHERE shard = $1 AND account_id = $2
), closed AS (
    UPDATE account SET state = 1, closed_at = coalesce(closed_at, $3), erased_at = $3, owner_hash = $4,
        activation_hash = NULL
    WHERE shard = $1 AND account_id = $2
), unnamed AS (
    DELETE FROM personal WHERE shard = $1 AND subject = $2
), consented AS (
    UPDATE consent SET how = '' WHERE shard = $1 AND account_id = $2
), asked AS (
    -- The written answers stay for their own term (G4).
    UPDATE privacy_request SET asked_how = '', verified_how = NULL
    WHERE shard = $1 AND account_id = $2
), subscribed AS (
    UPDATE subscription SET ended_why = split_part(ended_why, ':', 1) WHERE shard = $1 AND account_id = $2
), filed AS (
    -- The certificate's number stays for the list of revocations.
    UPDATE offline_file SET answer = '', request_hash = sha256(request_hash || convert_to(jti, 'UTF8'))
    WHERE shard = $1 AND license_id IN (SELECT license_id FROM held) AND answer <> ''
), traced AS (
    DELETE FROM refusal_trace
    WHERE shard = $1 AND (account_id = $2 OR person_id = $2 OR license_id IN (SELECT license_id FROM held))
), located AS (
    -- Where staff and resellers were is theirs: it goes by its own rule.
    DELETE FROM event_address WHERE shard = $1 AND event_id IN (
        SELECT event_id FROM event
        WHERE shard = $1 AND actor < 4 AND about IN (SELECT $2 UNION ALL SELECT license_id FROM held))
), noted AS (
    UPDATE license_note SET note = ''
    WHERE shard = $1 AND license_id IN (SELECT license_id FROM held) AND note <> ''
), freed AS (
    UPDATE reset SET note = '' WHERE shard = $1 AND license_id IN (SELECT license_id FROM held) AND note <> ''
), overridden AS (
    UPDATE override SET note = ''
    WHERE shard = $1 AND license_id IN (SELECT license_id FROM held) AND note <> ''
)
UPDATE charge SET note = '' WHERE account_id = $2 AND note <> ''
