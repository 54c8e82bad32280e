"""What the event log tells: kinds of event, of actor and of role, as the small numbers they are stored as."""

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from typing import Final

from activation.licensing.attempts import By
from activation.licensing.roles import Role
from activation.licensing.values import value


class EventKind(IntEnum):
    """What happened."""

    ACTIVATED = 1
    PARTS_CHANGED = 2
    RESET = 3
    AGENT_RESET = 4
    RELEASED = 5
    MOVED = 6
    DEVICE_FORKED = 7
    KEY_ENROLLED = 8
    KEY_REPLACED = 9
    ACCOUNT_MADE = 10
    LICENSES_GRANTED = 11
    STAFF_MADE = 12
    LICENSE_STATE = 13
    # Licences: standing, terms, kinds.
    SUSPENDED = 20
    REINSTATED = 21
    REVOKED = 22
    EXTENDED = 23
    REPLACED = 24
    TEST_ENDED = 25
    TEST_REBOUND = 26
    OFFLINE_FILE_ISSUED = 27
    # Resets beyond the bounds.
    RESET_ASKED = 30
    RESET_APPROVED = 31
    RESET_DECLINED = 32
    RESET_UNDONE = 33
    # Resellers, orders, pools.
    RESELLER_MADE = 40
    TERMS_ACCEPTED = 41
    LOGIN_ISSUED = 42
    ORDER_PLACED = 43
    ORDER_PAID = 44
    ORDER_CANCELLED = 45
    PAYMENT_RECORDED = 46
    POOL_CHANGED = 47
    ASSIGNED = 48
    TESTS_GRANTED = 49
    PENALTY_OPENED = 50
    PENALTY_DISPUTED = 51
    PENALTY_RETURNED = 52
    LATE = 53
    RESELLER_TERMINATED = 54
    DELETION_CONFIRMED = 55
    WITHDRAWN = 56
    PRICES_CHANGED = 57
    TERMS_PUBLISHED = 58
    LOGIN_CLOSED = 59
    # Subscriptions and direct customers.
    SUBSCRIPTION_MADE = 60
    SUBSCRIPTION_PAID = 61
    SUBSCRIPTION_ENDED = 62
    UPDATES_PAID = 63
    UPDATES_ENDED = 64
    PURCHASED = 65
    PLAN_MADE = 66
    # Everything else.
    HOOK_CHANGED = 70
    IMPORTED = 71
    PRODUCT_CHANGED = 72
    MESSAGE_RETRIED = 73
    # Who gets in.
    SIGNED_IN = 80
    SIGNED_OUT = 81
    SIGN_IN_FAILED = 82
    FACTOR_SET_UP = 83
    RECOVERY_CODE_USED = 84
    STEPPED_UP = 85
    PASSWORD_CHANGED = 86
    PASSWORD_LINK_SENT = 87
    TOKEN_MADE = 88
    TOKEN_REVOKED = 89
    STAFF_CHANGED = 90
    SESSIONS_ENDED = 91
    # Looks at what is known of people: `details` names the fields, never their values.
    LOOKED = 100
    EXPORTED = 101
    # What people asked for.
    PRIVACY_ASKED = 110
    PRIVACY_VERIFIED = 111
    PRIVACY_ANSWERED = 112
    RECTIFIED = 113
    RESTRICTED = 114
    RESTRICTION_LIFTED = 115
    OBJECTED = 116
    ERASED = 117
    CONSENT_GIVEN = 118
    CONSENT_WITHDRAWN = 119
    ACCOUNT_CLOSED = 120
    BREACH_REPORTED = 121
    RETENTION_RAN = 122
    PEPPER_ROTATED = 123
    SEALS_ADOPTED = 124


class Actor(IntEnum):
    """Who did it."""

    SYSTEM = 0
    OWNER = 1
    ACTIVATOR = 2
    DEVICE = 3
    STAFF = 4
    RESELLER = 5


ACTOR_OF = {
    By.OWNER: Actor.OWNER,
    By.ACTIVATOR: Actor.ACTIVATOR,
    By.DEVICE: Actor.DEVICE,
    By.STAFF: Actor.STAFF,
}


ROLE_NUMBERS: Final[Mapping[Role, int]] = {
    Role.ADMIN: 1,
    Role.SALES: 2,
    Role.SUPPORT: 3,
    Role.AUDITOR: 4,
    Role.OWNER: 5,
    Role.OPERATOR: 6,
    Role.END_USER: 7,
}
"""In what role a person acted, as it is stored; softphones and the system itself have none."""


@value
class Whence:
    """From where somebody acted, at which time (seconds since 1970).

    The address is kept apart and not for long; `digest` (16 bytes, keyed) stays in the event, so that an
    address that is shown is known to be the one that was noted.
    """

    address: str = field(repr=False)
    noted_at: int
    digest: bytes


@value
class Event:
    """One entry of the log. `about` is the licence, else the account or person of staff it concerns.

    `role` and `whence` are there where a person acted who was signed in.
    """

    about: int
    event_id: int
    kind: EventKind
    actor: Actor
    rule: str
    trace_id: str
    actor_id: int | None = None
    activation_id: int | None = None
    details: str | None = None
    role: Role | None = None
    whence: Whence | None = None
