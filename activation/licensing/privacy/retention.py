"""G2: how long what is known of people is kept, and since when. One table of rules; the jobs carry it out.

What is not in the table is kept as long as its account is open. Times are seconds.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.values import value

DAY_S: Final = 86_400
YEAR_S: Final = 365 * DAY_S + DAY_S // 4

UNPAID_S: Final = YEAR_S
"""What is unpaid so long after it was due keeps no account from being forgotten; its bill stays."""

FORGOTTEN_DEVICE: Final = Enrolment("standard/1", {}).pack()
"""What is left of a device that was forgotten: no part, so that no device is ever the same."""


class RetentionRule(StrEnum):
    """The rules, by the names that the register, the counts and the settings know them under."""

    AUTHORISATION = "authorisation"
    DEVICES = "devices"
    OFFLINE_FILES = "offline_files"
    BILLING = "billing"
    RESELLERS = "resellers"
    USERS = "users"
    TRACES = "traces"
    ADDRESSES = "addresses"
    MAILS = "mails"
    MESSAGES = "messages"
    SIGN_IN = "sign_in"
    CONSENT = "consent"
    REQUESTS = "requests"
    OCCASIONS = "occasions"


@value
class Keeping:
    """How long, in seconds, by what it is about; each is a setting.

    `account_s` counts from the end of an account or of its last licence; `device_s` is what D4 looks back on;
    `short_s` is for traces, addresses, what was sent, and spent ways to sign in;
    `user_s` for people who work with the server.
    """

    account_s: int = 30 * DAY_S
    device_s: int = 90 * DAY_S
    billing_s: int = 10 * YEAR_S
    short_s: int = 30 * DAY_S
    consent_s: int = 5 * YEAR_S
    requests_s: int = 3 * YEAR_S
    occasions_s: int = 3 * YEAR_S
    user_s: int = 90 * DAY_S


@value
class Term:
    """One rule: what it is about, for how long (seconds), since when, and what happens then."""

    rule: RetentionRule
    what: str
    keep_s: int
    since: str
    then: str


_TERMS: Final[Mapping[RetentionRule, tuple[str, str, str, str]]] = {
    RetentionRule.AUTHORISATION: (
        "account_s",
        "login, passwords, name, e-mail, address, phone, device names, digests of devices",
        "the account was closed, or its last licence ended or was revoked",
        "deleted; the account's number stays, closed, so that nobody gets its login",
    ),
    RetentionRule.DEVICES: (
        "device_s",
        "name and digests of a device that no longer holds its licence",
        "it gave the licence up (D4 looks back as long)",
        "deleted; that there was a device stays",
    ),
    RetentionRule.OFFLINE_FILES: (
        "account_s",
        "certificate files of offline activations",
        "the licence ended or was revoked",
        "deleted; the certificate's number stays for the list of revocations",
    ),
    RetentionRule.BILLING: (
        "billing_s",
        "who ordered, was billed and paid",
        "it was paid or closed",
        "made anonymous; sums stay",
    ),
    RetentionRule.RESELLERS: (
        "billing_s",
        "who a reseller was, why its agreement ended, how it showed that it deleted its copies",
        "the agreement ended, and its last bill was over",
        "made anonymous; sums stay",
    ),
    RetentionRule.USERS: (
        "user_s",
        "login, credentials and personal data of staff and of resellers' users",
        "they were suspended or closed",
        "deleted; what they did stays, by number",
    ),
    RetentionRule.TRACES: ("short_s", "traces of refusals", "the refusal", "deleted"),
    RetentionRule.ADDRESSES: ("short_s", "IP addresses", "the request", "deleted; a keyed digest stays"),
    RetentionRule.MAILS: (
        "short_s",
        "mails and what they say",
        "sent, given up, or written and never sent",
        "deleted",
    ),
    RetentionRule.MESSAGES: ("short_s", "messages to webhooks", "delivered or given up", "deleted"),
    RetentionRule.SIGN_IN: (
        "short_s",
        "sessions, password links, used recovery codes, ended tokens",
        "they ended",
        "deleted",
    ),
    RetentionRule.CONSENT: ("consent_s", "consent and its withdrawal", "it ended", "deleted"),
    RetentionRule.REQUESTS: ("requests_s", "privacy requests and answers", "the answer", "deleted"),
    RetentionRule.OCCASIONS: (
        "occasions_s",
        "digests that say who got test licences",
        "the occasion (T3)",
        "deleted",
    ),
}


def terms(keeping: Keeping) -> dict[RetentionRule, Term]:
    """Return every rule with its term."""
    return {
        rule: Term(rule, what, getattr(keeping, length), since, then)
        for rule, (length, what, since, then) in _TERMS.items()
    }


@value
class Standing:
    """What decides whether an account may be forgotten.

    `over_at` is when the last of its licences ended, None while one may be used or if it never had any;
    `busy`: an open order, charge, subscription, update plan or privacy request.
    """

    account_id: int
    closed_at: int | None = None
    over_at: int | None = None
    restricted: bool = False
    busy: bool = False
    forgotten: bool = False


def is_forgettable(standing: Standing, now: int, keep_s: int) -> bool:
    """G2: tell whether an account's authorisation data are to go.

    Not while something is open, nor while its person asked to have the data kept (GDPR Art. 18).
    """
    if standing.forgotten or standing.restricted or standing.busy:
        return False
    ends = [at for at in (standing.closed_at, standing.over_at) if at is not None]
    return bool(ends) and min(ends) + keep_s <= now


@value
class Counts:
    """What a run did, or would do, by rule."""

    by_rule: dict[RetentionRule, int] = field(default_factory=dict, hash=False)

    @property
    def total(self) -> int:
        """Return how many rows in all."""
        return sum(self.by_rule.values())
