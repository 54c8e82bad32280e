"""Who may do what: the one table of roles and acts. docs/roles.md and the route tests are made from it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The licensor's staff, a reseller's users, and the end user whose account it is."""

    ADMIN = "admin"
    SALES = "sales"
    SUPPORT = "support"
    AUDITOR = "auditor"
    OWNER = "owner"
    OPERATOR = "operator"
    END_USER = "end_user"


class Act(StrEnum):
    """What somebody who is signed in may want to do.

    Resellers' acts begin with `own`, end users' with `mine`; `self` is everybody's: own sessions, own tokens.
    """

    SEE_LICENSES = "licenses.see"
    SUSPEND = "licenses.suspend"
    REVOKE = "licenses.revoke"
    EXTEND = "licenses.extend"
    REPLACE = "licenses.replace"
    ACTIVATE_OFFLINE = "licenses.offline"
    SEE_FORKS = "forks.see"
    SEE_RESETS = "resets.see"
    RESET = "resets.make"
    APPROVE = "resets.approve"
    SEE_ACCOUNTS = "accounts.see"
    MAKE_ACCOUNTS = "accounts.make"
    SEE_PRODUCTS = "products.see"
    CHANGE_PRODUCTS = "products.change"
    CHANGE_PRICES = "prices.change"
    PUBLISH_TERMS = "terms.publish"
    SEE_RESELLERS = "resellers.see"
    MAKE_RESELLERS = "resellers.make"
    CHANGE_USERS = "resellers.users"
    TERMINATE = "resellers.terminate"
    PENALISE = "resellers.penalise"
    GRANT_TESTS = "resellers.tests"
    SEE_ORDERS = "orders.see"
    CHANGE_ORDERS = "orders.change"
    RECORD_PAYMENTS = "payments.record"
    SEE_SUBSCRIPTIONS = "subscriptions.see"
    CHANGE_SUBSCRIPTIONS = "subscriptions.change"
    SEE_MESSAGES = "messages.see"
    CHANGE_HOOKS = "hooks.change"
    SEE_STAFF = "staff.see"
    CHANGE_STAFF = "staff.change"
    SEE_TRACES = "traces.see"
    SEE_AUDIT = "audit.see"
    REPORT_BREACH = "audit.breach"
    SEE_PRIVACY = "privacy.see"
    ANSWER_PRIVACY = "privacy.answer"
    EXPORT_PERSON = "privacy.export"
    RECTIFY = "privacy.rectify"
    ERASE = "privacy.erase"
    OWN_SEE = "own.see"
    OWN_ACCEPT = "own.accept"
    OWN_ORDER = "own.order"
    OWN_ASSIGN = "own.assign"
    OWN_SEE_USERS = "own.users.see"
    OWN_USERS = "own.users"
    MINE_SEE = "mine.see"
    MINE_RESET = "mine.reset"
    MINE_PRIVACY = "mine.privacy"
    MINE_ACCOUNT = "mine.account"
    SELF = "self"


STAFF: Final = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT, Role.AUDITOR})
"""The licensor's people."""
_AGENTS: Final = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT})
_SALES: Final = frozenset({Role.ADMIN, Role.SALES})
_MONEY: Final = frozenset({Role.ADMIN, Role.SALES, Role.AUDITOR})
_CARE: Final = frozenset({Role.ADMIN, Role.SUPPORT, Role.AUDITOR})
_ADMIN: Final = frozenset({Role.ADMIN})
_USERS: Final = frozenset({Role.OWNER, Role.OPERATOR})
_OWNER: Final = frozenset({Role.OWNER})
_OVERSIGHT: Final = frozenset({Role.ADMIN, Role.AUDITOR})
_DESK: Final = frozenset({Role.ADMIN, Role.SUPPORT})
_END_USER: Final = frozenset({Role.END_USER})

MAY: Final[Mapping[Act, frozenset[Role]]] = {
    Act.SEE_LICENSES: STAFF,
    Act.SUSPEND: _SALES,
    Act.REVOKE: _SALES,
    Act.EXTEND: _SALES,
    Act.REPLACE: _SALES,
    Act.ACTIVATE_OFFLINE: _AGENTS,
    Act.SEE_FORKS: _CARE,
    Act.SEE_RESETS: STAFF,
    Act.RESET: _AGENTS,
    Act.APPROVE: _AGENTS,
    Act.SEE_ACCOUNTS: STAFF,
    Act.MAKE_ACCOUNTS: _SALES,
    Act.SEE_PRODUCTS: STAFF,
    Act.CHANGE_PRODUCTS: _ADMIN,
    Act.CHANGE_PRICES: _SALES,
    Act.PUBLISH_TERMS: _ADMIN,
    Act.SEE_RESELLERS: _MONEY,
    Act.MAKE_RESELLERS: _SALES,
    Act.CHANGE_USERS: _SALES,
    Act.TERMINATE: _SALES,
    Act.PENALISE: _SALES,
    Act.GRANT_TESTS: _SALES,
    Act.SEE_ORDERS: _MONEY,
    Act.CHANGE_ORDERS: _SALES,
    Act.RECORD_PAYMENTS: _SALES,
    Act.SEE_SUBSCRIPTIONS: _MONEY,
    Act.CHANGE_SUBSCRIPTIONS: _SALES,
    Act.SEE_MESSAGES: STAFF,
    Act.CHANGE_HOOKS: _ADMIN,
    Act.SEE_STAFF: _OVERSIGHT,
    Act.CHANGE_STAFF: _ADMIN,
    Act.SEE_TRACES: STAFF,
    Act.SEE_AUDIT: _OVERSIGHT,
    Act.REPORT_BREACH: _OVERSIGHT,
    Act.SEE_PRIVACY: _CARE,
    Act.ANSWER_PRIVACY: _DESK,
    Act.EXPORT_PERSON: _DESK,
    Act.RECTIFY: _DESK,
    Act.ERASE: _ADMIN,
    Act.OWN_SEE: _USERS,
    Act.OWN_ACCEPT: _OWNER,
    Act.OWN_ORDER: _OWNER,
    Act.OWN_ASSIGN: _USERS,
    Act.OWN_SEE_USERS: _OWNER,
    Act.OWN_USERS: _OWNER,
    Act.MINE_SEE: _END_USER,
    Act.MINE_RESET: _END_USER,
    Act.MINE_PRIVACY: _END_USER,
    Act.MINE_ACCOUNT: _END_USER,
    Act.SELF: frozenset(Role),
}

DANGEROUS: Final = frozenset(
    {
        Act.REVOKE,
        Act.REPLACE,
        Act.MAKE_RESELLERS,
        Act.CHANGE_USERS,
        Act.TERMINATE,
        Act.PENALISE,
        Act.CHANGE_HOOKS,
        Act.PUBLISH_TERMS,
        Act.CHANGE_STAFF,
        Act.EXPORT_PERSON,
        Act.RECTIFY,
        Act.ERASE,
        Act.REPORT_BREACH,
        Act.OWN_USERS,
        Act.MINE_ACCOUNT,
    }
)
"""What a session may do only shortly after its second factor was shown; a token, if its scopes name it."""

BEFORE_ACCEPTING: Final = frozenset({Act.OWN_SEE, Act.OWN_ACCEPT, Act.SELF})
"""P1: what a reseller may do before it has accepted the terms in force."""


def may(role: Role, act: Act) -> bool:
    """Tell whether the role allows the act."""
    return role in MAY[act]


def acts_of(role: Role) -> frozenset[Act]:
    """Return all acts that a role allows."""
    return frozenset(act for act, roles in MAY.items() if role in roles)
