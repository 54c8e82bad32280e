"""What so many licences would cost: shown before an order is placed, and held against what it then costs."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.http.calls import Call
from activation.licensing.reselling.clients import Reseller
from activation.licensing.reselling.ordering import Order
from activation.licensing.reselling.pricing import MOST_LICENSES, PriceTable, unit_price
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.pools import see_pools
from activation.service.reselling.pricing import Priced, see_prices
from activation.service.working import Work

MOST_MAJOR: Final = 32_767
_CHANGED: Final = "The price changed while you looked at it. Look at the new one, then order."


@value
class Quote:
    """What an order would cost; from `next_quantity` on each costs only `next_unit`."""

    product: str
    major: int
    quantity: int
    unit: Decimal
    total: Decimal
    next_quantity: int | None
    next_unit: Decimal | None


@value
class Asked:
    """What was asked for: as typed, and in what it is wrong, by field."""

    product: str
    major: str
    quantity: str
    wrong: str = ""


async def own_prices(work: Work, reseller: Reseller) -> list[Priced]:
    """Return a reseller's own prices, of the products that have any."""
    return [one for one in await see_prices(work, reseller.discount) if one.table]


async def asked_of(work: Work, call: Call, reseller_id: int, prices: Sequence[Priced]) -> Asked:
    """Return what a page's address asks for; at first the only product, in the version that was had last."""
    product = call.query.get("product", prices[0].product if len(prices) == 1 else "")
    major, quantity = call.query.get("major", ""), call.query.get("quantity", "")
    if not major:
        pools = await see_pools(work, reseller_id)
        had = [] if isinstance(pools, Refused) else [pool.balance.key.major for pool in pools]
        major = str(max(had)) if had else ""
    asked = Asked(product, major, quantity)
    if not quantity:
        return asked
    wrong = "quantity" if not _is_number(quantity, 1, MOST_LICENSES) else ""
    wrong = wrong or ("major" if not _is_number(major, 0, MOST_MAJOR) else "")
    return Asked(product, major, quantity, wrong)


def quote(prices: Sequence[Priced], asked: Asked) -> Quote | None:
    """Return what it costs, None where something is missing or wrong."""
    table = next((one.table for one in prices if one.product == asked.product), None)
    if table is None or asked.wrong or not asked.quantity:
        return None
    quantity = int(asked.quantity)
    unit = unit_price(table, quantity)
    if isinstance(unit, Refused):
        return None
    further = _further(table, quantity)
    return Quote(asked.product, int(asked.major), quantity, unit, unit * quantity, *further)


def refuse_changed(order: Order, total: str) -> Refused | None:
    """P4: refuse an order that costs something else than was shown."""
    if str(order.total) == total:
        return None
    return Refused(Refusal.CONFLICT, "P4", _CHANGED)


def _further(table: PriceTable, quantity: int) -> tuple[int, Decimal] | tuple[None, None]:
    tiers = [tier for tier in table if tier.from_quantity > quantity]
    if not tiers:
        return None, None
    following = min(tiers, key=lambda tier: tier.from_quantity)
    return following.from_quantity, following.unit


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most
