"""P4: price tables, changed at any time, confidential: each reseller sees its own prices."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.model import Product
from activation.licensing.reselling.pricing import PriceTable, Tier, check_table, reduced
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.products import read_catalogue
from activation.storage.reselling.terms import read_prices, write_prices

_UNKNOWN: Final = "There is no such product."


@value
class Priced:
    """A product's price table, and since when it is in force."""

    product: str
    since: int | None
    table: PriceTable


async def find_product(work: Work, code: str) -> Product | Refused:
    """Return a product by its code."""
    found = (await read_catalogue(work.connection)).by_code.get(code)
    return found if found is not None else Refused(Refusal.NOT_FOUND, "P4", _UNKNOWN)


async def set_prices(work: Work, product: str, tiers: Sequence[Tier]) -> Priced | Refused:
    """Put a price table in force now; what was ordered before keeps its price."""
    found = await find_product(work, product)
    if isinstance(found, Refused):
        return found
    table = check_table(tiers)
    if isinstance(table, Refused):
        return table
    await write_prices(work.connection, found.product_id, work.now, table)
    told = {"product": product, "tiers": [[tier.from_quantity, str(tier.unit)] for tier in table]}
    await work.tell(EventKind.PRICES_CHANGED, work.person.person_id, "P4", told)
    return Priced(product, work.now, table)


async def see_prices(work: Work, discount: Decimal | None = None) -> list[Priced]:
    """Return all price tables in force, less a reseller's own discount (percent)."""
    products = (await read_catalogue(work.connection)).by_id
    seen = []
    for product_id, product in sorted(products.items()):
        since, table = await read_prices(work.connection, product_id, work.now)
        own = [Tier(tier.from_quantity, reduced(tier.unit, discount)) for tier in table]
        seen.append(Priced(product.code, since, own))
    return seen
