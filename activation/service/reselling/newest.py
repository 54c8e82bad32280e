"""What a reseller's orders, ledger, charges are, the newest first; and resellers found by their names."""

from collections.abc import Iterable, Sequence
from typing import Final

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.affiliates import Share
from activation.licensing.reselling.charging import Charge
from activation.licensing.reselling.clients import Reseller
from activation.licensing.reselling.ordering import Order, OrderState
from activation.licensing.reselling.pool import PoolKey
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.assigning import NO_PRODUCT
from activation.service.reselling.ordering import see_order
from activation.service.working import Work
from activation.storage.reselling import newest
from activation.storage.reselling.assignments import read_share
from activation.storage.reselling.charges import Payment, read_charge
from activation.storage.reselling.pool_ledger import PoolEntry

_NO_CHARGE: Final = Refused(Refusal.NOT_FOUND, "P7", "There is no such charge.")
_NO_ORDER: Final = Refused(Refusal.NOT_FOUND, "P3", "There is no such order.")


@value
class OrderSeen:
    """An order; staff see what was paid for it and under which references, too."""

    order: Order
    payments: Sequence[Payment]


@value
class ChargeSeen:
    """A charge, what was paid for it, and why it was opened; for staff."""

    charge: Charge
    payments: Sequence[Payment]
    note: str


async def see_newest_orders(
    work: Work, reseller_id: int, state: OrderState | None, before: int, limit: int
) -> list[Order]:
    """Return a page of a reseller's orders; a reseller's user sees its own only, whatever is asked."""
    return await newest.list_newest_orders(work.connection, _whose(work, reseller_id), state, before, limit)


async def see_newest_entries(
    work: Work, reseller_id: int, pool: tuple[str, int, LicenseKind], before: int, limit: int
) -> list[PoolEntry] | Refused:
    """Return a page of the ledger of a pool: of a product's code, a major version, a kind of licence."""
    product, major, kind = pool
    found = work.desk.catalogue.by_code.get(product)
    if found is None:
        return NO_PRODUCT
    key = PoolKey(_whose(work, reseller_id), found.product_id, major, kind)
    return await newest.list_newest_entries(work.connection, key, before, limit)


async def see_newest_charges(work: Work, reseller_id: int, before: int, limit: int) -> list[Charge]:
    """Return a page of what a reseller was charged beside its orders."""
    return await newest.list_newest_charges(work.connection, _whose(work, reseller_id), before, limit)


async def see_order_of(work: Work, reseller_id: int, purchase_id: int) -> OrderSeen | Refused:
    """Return an order of this reseller's with its payments; another's is not found."""
    order = await see_order(work, purchase_id)
    if isinstance(order, Refused):
        return order
    if order.reseller_id != _whose(work, reseller_id):
        return _NO_ORDER
    if not work.person.is_staff:
        return OrderSeen(order, ())
    return OrderSeen(order, await newest.list_payments_for(work.connection, purchase_id=purchase_id))


async def see_charge_of(work: Work, reseller_id: int, charge_id: int) -> ChargeSeen | Refused:
    """Return a charge of this reseller's with its payments; another's is not found."""
    charge = await read_charge(work.connection, charge_id)
    if charge is None or charge.reseller_id != _whose(work, reseller_id):
        return _NO_CHARGE
    payments = await newest.list_payments_for(work.connection, charge_id=charge_id)
    return ChargeSeen(charge, payments, await newest.read_note(work.connection, charge_id))


async def see_share(work: Work, reseller_id: int) -> Share:
    """P6: return how many licences a reseller paid for, and how many went to affiliated parties."""
    return await read_share(work.connection, _whose(work, reseller_id))


async def see_resellers_named(work: Work, query: str, after: int, limit: int) -> list[Reseller]:
    """Return a page of resellers whose name contains `query`, or whose id, or a user's login, it is."""
    if "\x00" in query:
        return []  # no text of the database's has one
    return await newest.find_resellers(work.connection, query.strip(), after, limit)


async def see_names(work: Work, reseller_ids: Iterable[int]) -> dict[int, str]:
    """Return how resellers are called."""
    return await newest.read_names(work.connection, list(reseller_ids))


def _whose(work: Work, reseller_id: int) -> int:
    own = work.person.reseller_id
    return reseller_id if own is None else own
