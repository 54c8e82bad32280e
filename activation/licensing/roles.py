"""Who may do what: the one table of roles and acts. docs/roles.md and the route tests are made from it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The licensor's staff, and a reseller's users."""

    ADMIN = "admin"
    SALES = "sales"
    SUPPORT = "support"
    AUDITOR = "auditor"
    OWNER = "owner"
    OPERATOR = "operator"


class Act(StrEnum):
    """What somebody who is signed in may want to do. Those of resellers begin with `own`."""

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
    OWN_SEE = "own.see"
    OWN_ACCEPT = "own.accept"
    OWN_ORDER = "own.order"
    OWN_ASSIGN = "own.assign"
    OWN_USERS = "own.users"


_STAFF: Final = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT, Role.AUDITOR})
_AGENTS: Final = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT})
_SALES: Final = frozenset({Role.ADMIN, Role.SALES})
_MONEY: Final = frozenset({Role.ADMIN, Role.SALES, Role.AUDITOR})
_CARE: Final = frozenset({Role.ADMIN, Role.SUPPORT, Role.AUDITOR})
_ADMIN: Final = frozenset({Role.ADMIN})
_USERS: Final = frozenset({Role.OWNER, Role.OPERATOR})
_OWNER: Final = frozenset({Role.OWNER})

MAY: Final[Mapping[Act, frozenset[Role]]] = {
    Act.SEE_LICENSES: _STAFF,
    Act.SUSPEND: _SALES,
    Act.REVOKE: _SALES,
    Act.EXTEND: _SALES,
    Act.REPLACE: _SALES,
    Act.ACTIVATE_OFFLINE: _AGENTS,
    Act.SEE_FORKS: _CARE,
    Act.SEE_RESETS: _STAFF,
    Act.RESET: _AGENTS,
    Act.APPROVE: _AGENTS,
    Act.SEE_ACCOUNTS: _STAFF,
    Act.MAKE_ACCOUNTS: _SALES,
    Act.SEE_PRODUCTS: _STAFF,
    Act.CHANGE_PRODUCTS: _ADMIN,
    Act.CHANGE_PRICES: _SALES,
    Act.PUBLISH_TERMS: _ADMIN,
    Act.SEE_RESELLERS: _MONEY,
    Act.MAKE_RESELLERS: _SALES,
    Act.TERMINATE: _SALES,
    Act.PENALISE: _SALES,
    Act.GRANT_TESTS: _SALES,
    Act.SEE_ORDERS: _MONEY,
    Act.CHANGE_ORDERS: _SALES,
    Act.RECORD_PAYMENTS: _SALES,
    Act.SEE_SUBSCRIPTIONS: _MONEY,
    Act.CHANGE_SUBSCRIPTIONS: _SALES,
    Act.SEE_MESSAGES: _STAFF,
    Act.CHANGE_HOOKS: _ADMIN,
    Act.OWN_SEE: _USERS,
    Act.OWN_ACCEPT: _OWNER,
    Act.OWN_ORDER: _OWNER,
    Act.OWN_ASSIGN: _USERS,
    Act.OWN_USERS: _OWNER,
}


BEFORE_ACCEPTING: Final = frozenset({Act.OWN_SEE, Act.OWN_ACCEPT})
"""P1: what a reseller may do before it has accepted the terms in force."""


def may(role: Role, act: Act) -> bool:
    """Tell whether the role allows the act."""
    return role in MAY[act]
