"""The console's main pages, in their order; each is shown to those who may do its act."""

from typing import Final

from activation.licensing.roles import Act, Role, may
from activation.licensing.values import value


@value
class Entry:
    """An entry of the navigation: its address, the key of its text, the act that it is."""

    path: str
    text: str
    act: Act


ENTRIES: Final = (
    Entry("/console/", "layout.home", Act.SELF),
    Entry("/console/mine", "mine.title", Act.MINE_SEE),
    Entry("/console/mine/data", "mine_data.title", Act.MINE_PRIVACY),
    Entry("/console/mine/account", "mine_account.title", Act.MINE_SEE),
    Entry("/console/licenses", "finding.title", Act.SEE_LICENSES),
    Entry("/console/overview", "overview.title", Act.SEE_LICENSES),
    Entry("/console/approvals", "approvals.title", Act.SEE_RESETS),
    Entry("/console/offline", "offline.title", Act.ACTIVATE_OFFLINE),
    Entry("/console/products", "products.title", Act.SEE_PRODUCTS),
    Entry("/console/traces", "traces.title", Act.SEE_TRACES),
    Entry("/console/privacy", "privacy.title", Act.SEE_PRIVACY),
    Entry("/console/audit", "audit.title", Act.SEE_AUDIT),
    Entry("/console/staff", "staff.title", Act.SEE_STAFF),
    Entry("/console/customers", "customers.title", Act.OWN_SEE),
    Entry("/console/assign", "assign.title", Act.OWN_ASSIGN),
    Entry("/console/test-licenses", "tests.title", Act.OWN_SEE),
    Entry("/console/resellers", "resellers.title", Act.SEE_RESELLERS),
    Entry("/console/late", "late.title", Act.SEE_ORDERS),
    Entry("/console/prices", "prices.title", Act.SEE_ORDERS),
    Entry("/console/pool", "pool.title", Act.OWN_SEE),
    Entry("/console/orders", "orders.title", Act.OWN_SEE),
    Entry("/console/users", "users.title", Act.OWN_SEE_USERS),
    Entry("/console/terms", "terms.title", Act.OWN_SEE),
)
"""Add a page's entry here, one line each."""


def entries_of(role: Role) -> list[Entry]:
    """Return the entries that a role may see."""
    return [entry for entry in ENTRIES if may(role, entry.act)]


def is_current(entry: Entry, path: str) -> bool:
    """Tell whether a page belongs under an entry: the nearest one above it. Home is itself alone."""
    above = [
        one.path
        for one in ENTRIES
        if path == one.path or (one.path != "/console/" and path.startswith(f"{one.path}/"))
    ]
    return entry.path == max(above, key=len, default="")
