"""What retention deletes or makes anonymous, as a table of sweeps; each goes in steps of so many rows.

A sweep run again finds nothing more to do; one that was cut short goes on where it was.
"""

from collections.abc import Mapping
from typing import Final

from activation.licensing.privacy.retention import RetentionRule
from activation.licensing.values import value


@value
class Sweep:
    """Rows of a table that are due: `$1` in the condition is the time (seconds) before which they are.

    `sets` is what they are changed to, "" to delete them. `dated`: the row itself says until when it is kept.
    """

    table: str
    key: str
    due: str
    sets: str = ""
    dated: bool = False

    def before(self, now: int, keep_s: int) -> int:
        """Return the condition's time."""
        return now if self.dated else now - keep_s

    def count(self) -> str:
        """Return the statement that counts what is due."""
        return f"SELECT count(*) FROM {self.table} WHERE {self.due}"  # noqa: S608  (constants)

    def step(self) -> str:
        """Return the statement that does at most `$2` rows."""
        chosen = f"({self.key}) IN (SELECT {self.key} FROM {self.table} WHERE {self.due} LIMIT $2)"  # noqa: S608
        if self.sets:
            return f"UPDATE {self.table} SET {self.sets} WHERE {chosen}"  # noqa: S608
        return f"DELETE FROM {self.table} WHERE {chosen}"  # noqa: S608


_OVER: Final = (
    "answer <> '' AND EXISTS (SELECT FROM license l WHERE l.shard = offline_file.shard"
    " AND l.license_id = offline_file.license_id AND (l.ends_at <= $1 OR (l.state = 2 AND coalesce("
    "(SELECT max(e.happened) FROM event e WHERE e.shard = l.shard AND e.about = l.license_id"
    " AND e.kind IN (21, 24)), to_timestamp(l.created_at)) <= to_timestamp($1::bigint))))"
)
_ORDER_OVER: Final = "greatest(placed_at, paid_at, ended_at, due_at) <= $1"
_OLD_ORDERS: Final = f"(SELECT purchase_id FROM purchase WHERE account_id IS NOT NULL AND {_ORDER_OVER})"  # noqa: S608
_BILLED: Final = (
    "(EXISTS (SELECT FROM purchase p WHERE p.account_id = billing_identity.account_id)"
    " OR EXISTS (SELECT FROM charge c WHERE c.account_id = billing_identity.account_id))"
)
_CHARGE_OVER: Final = "greatest(opened_at, closed_at, due_at) <= $1"

_FORMER: Final = (
    "(SELECT r.reseller_id FROM reseller r WHERE r.terminated_at <= $1"
    " AND NOT EXISTS (SELECT FROM purchase p WHERE p.reseller_id = r.reseller_id"
    " AND greatest(p.placed_at, p.paid_at, p.ended_at, p.due_at) > $1)"
    " AND NOT EXISTS (SELECT FROM charge c WHERE c.reseller_id = r.reseller_id"
    " AND greatest(c.opened_at, c.closed_at, c.due_at) > $1))"
)

SWEEPS: Final[Mapping[RetentionRule, tuple[Sweep, ...]]] = {
    RetentionRule.OFFLINE_FILES: (
        Sweep(
            "offline_file",
            "shard, request_hash",
            _OVER,
            "answer = '', request_hash = sha256(request_hash || convert_to(jti, 'UTF8'))",
        ),
    ),
    RetentionRule.BILLING: (
        # The licences first: they lead from their account to the order.
        Sweep(
            "license",
            "shard, license_id",
            f"reseller_id IS NULL AND purchase_id IN {_OLD_ORDERS}",
            "purchase_id = NULL",
        ),
        Sweep(
            "purchase",
            "purchase_id",
            f"{_ORDER_OVER} AND (account_id <> 0 OR reference IS NOT NULL OR placed_by IS NOT NULL)",
            "account_id = CASE WHEN account_id IS NOT NULL THEN 0 END, reference = NULL, placed_by = NULL",
        ),
        Sweep(
            "charge",
            "charge_id",
            f"{_CHARGE_OVER} AND (account_id <> 0 OR note <> '' OR opened_by IS NOT NULL)",
            "about = CASE WHEN account_id IS NULL THEN about END,"
            " account_id = CASE WHEN account_id IS NOT NULL THEN 0 END, note = '', opened_by = NULL",
        ),
        Sweep(
            "payment",
            "payment_id",
            "paid_at <= $1 AND (reference <> 'anonymous ' || payment_id OR recorded_by IS NOT NULL)",
            "reference = 'anonymous ' || payment_id, recorded_by = NULL",
        ),
        # Last: a bill paid late shows whom it was made out to until its own years are over.
        Sweep("billing_identity", "shard, account_id", f"kept_until <= $1 AND NOT {_BILLED}", dated=True),
    ),
    RetentionRule.RESELLERS: (
        # What it ordered and owes stays, by number.
        Sweep("personal", "shard, subject, field", f"shard = 0 AND subject IN {_FORMER}"),
        Sweep(
            "reseller",
            "reseller_id",
            f"reseller_id IN {_FORMER} AND name <> 'anonymous ' || reseller_id",
            "name = 'anonymous ' || reseller_id, terminated_why = split_part(terminated_why, ':', 1),"
            " deletion_evidence = NULL",
        ),
    ),
    RetentionRule.TRACES: (
        Sweep("refusal_trace", "shard, trace_id, refused_at", "refused_at <= $1"),
        # A count of failures that ran out long ago counts nothing.
        Sweep("failed_credential", "key", "empty_at <= $1::bigint"),
    ),
    RetentionRule.ADDRESSES: (
        Sweep("event_address", "shard, event_id", "noted_at <= $1"),
        Sweep("acceptance", "acceptance_id", "accepted_at <= $1 AND address <> ''", "address = ''"),
        Sweep(
            "session",
            "session_id",
            "made_at <= $1 AND (address <> '' OR browser <> '')",
            "address = '', browser = ''",
        ),
    ),
    RetentionRule.MAILS: (Sweep("mail", "mail_id", "coalesce(sent_at, dead_at, written_at) <= $1"),),
    RetentionRule.MESSAGES: (
        Sweep("hook_delivery", "message_id, hook_id", "coalesce(delivered_at, dead_at) <= $1"),
        Sweep(
            "hook_message",
            "message_id",
            "written_at <= $1 AND NOT EXISTS (SELECT FROM hook_delivery d"
            " WHERE d.message_id = hook_message.message_id)",
        ),
    ),
    RetentionRule.SIGN_IN: (
        Sweep("session", "session_id", "least(ends_at, ended_at) <= $1"),
        Sweep("password_link", "link_hash", "ends_at <= $1"),
        Sweep("recovery_code", "person_id, code_hash", "used_at <= $1"),
        Sweep("staff_token", "token_hash", "least(expires_at, revoked_at) <= $1"),
        Sweep("reseller_token", "token_hash", "least(expires_at, revoked_at) <= $1"),
    ),
    RetentionRule.CONSENT: (
        # A giving ends when the next word on the same purpose comes; a withdrawal outlives what it withdrew,
        # for without it the giving would stand again.
        Sweep(
            "consent",
            "shard, account_id, consent_id",
            "told_at <= $1 AND given AND (EXISTS (SELECT FROM consent n WHERE n.shard = consent.shard"
            " AND n.account_id = consent.account_id AND n.purpose = consent.purpose"
            " AND (n.told_at, n.consent_id) > (consent.told_at, consent.consent_id) AND n.told_at <= $1)"
            " OR EXISTS (SELECT FROM account a"
            " WHERE a.shard = consent.shard AND a.account_id = consent.account_id AND a.closed_at <= $1))",
        ),
        Sweep(
            "consent",
            "shard, account_id, consent_id",
            "told_at <= $1 AND NOT given AND NOT EXISTS (SELECT FROM consent g WHERE g.shard = consent.shard"
            " AND g.account_id = consent.account_id AND g.purpose = consent.purpose AND g.given"
            " AND (g.told_at, g.consent_id) < (consent.told_at, consent.consent_id))",
        ),
    ),
    RetentionRule.REQUESTS: (
        Sweep("privacy_request", "shard, request_id", "state <> 0 AND answered_at <= $1"),
    ),
    RetentionRule.OCCASIONS: (Sweep("occasion", "digest, number", "given_at <= $1"),),
}
"""All but accounts, devices and users, which need more than one statement."""
