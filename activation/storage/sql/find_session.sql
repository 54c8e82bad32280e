-- The session of a token (its hash $1), and who it is, as long as they may still act: no row for somebody who
-- was suspended or closed since.
SELECT s.session_id, s.person_kind, s.person_id, s.stage, s.made_at, s.seen_at, s.ends_at, s.ended_at,
    s.stepped_up_at, coalesce(t.login, u.login, p.value, ''), coalesce(t.role, u.role, 'end_user'), u.reseller_id
FROM session s
LEFT JOIN staff t ON s.person_kind = 1 AND t.staff_id = s.person_id AND t.state = 0
LEFT JOIN (reseller_user u JOIN reseller r ON r.reseller_id = u.reseller_id AND r.state < 2)
    ON s.person_kind = 2 AND u.user_id = s.person_id AND u.state = 0
LEFT JOIN account a ON s.person_kind = 3 AND a.shard = (s.person_id >> 55)::smallint
    AND a.account_id = s.person_id AND a.state = 0
LEFT JOIN personal p ON a.account_id IS NOT NULL AND p.shard = a.shard AND p.subject = a.account_id AND p.field = 1
WHERE s.token_hash = $1 AND coalesce(t.staff_id, u.user_id, a.account_id) IS NOT NULL
