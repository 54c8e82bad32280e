-- Deliveries to webhooks, the newest messages first: below the message $1 and hook $2, at most $3.
SELECT d.message_id, d.hook_id, m.kind, m.written_at, d.tries, d.next_at, d.delivered_at, d.dead_at,
       d.last_status, d.last_error
FROM hook_delivery d JOIN hook_message m USING (message_id)
WHERE d.dead_at IS NOT NULL AND (d.message_id, d.hook_id) < ($1, $2)
ORDER BY d.message_id DESC, d.hook_id DESC
LIMIT $3
