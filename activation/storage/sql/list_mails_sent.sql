-- Mails, the newest first: $1 below which id, $2 how many.
SELECT mail_id, subject, template, written_at, tries, next_at, sent_at, dead_at, last_error
FROM mail
WHERE sent_at IS NOT NULL AND mail_id < $1
ORDER BY mail_id DESC
LIMIT $2
