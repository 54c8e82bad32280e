"""P4: the price per licence follows the quantity, by a table that the licensor may change at any time.

Money is decimal euros without VAT, two places.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

CENT: Final = Decimal("0.01")
HIGHEST_PRICE: Final = Decimal("100000.00")
MOST_LICENSES: Final = 100_000
MOST_TIERS: Final = 50
_NO_FIRST: Final = "A price table begins with the price of one licence: from_quantity 1."
_TWICE: Final = "Each from_quantity stands in the table once."
_RISES: Final = "A larger order never costs more per licence: the table gives volume discounts."
_RANGE: Final = (
    f"A price is {CENT} to {HIGHEST_PRICE}, a quantity 1 to {MOST_LICENSES}, a table 1 to {MOST_TIERS}."
)
_NO_PRICE: Final = "This product has no price yet."


@value
class Tier:
    """From so many licences in one order, each costs `unit` euros."""

    from_quantity: int
    unit: Decimal


PriceTable = Sequence[Tier]
"""Tiers by rising quantity, the first from 1."""


def check_table(tiers: PriceTable) -> list[Tier] | Refused:
    """Return the table in order, or what is wrong with it."""
    ordered = sorted(tiers, key=lambda tier: tier.from_quantity)
    if not 0 < len(ordered) <= MOST_TIERS or not all(_is_within(tier) for tier in ordered):
        return _refuse(_RANGE)
    if ordered[0].from_quantity != 1:
        return _refuse(_NO_FIRST)
    if len({tier.from_quantity for tier in ordered}) < len(ordered):
        return _refuse(_TWICE)
    pairs = pairwise(ordered)
    if any(later.unit > earlier.unit for earlier, later in pairs):
        return _refuse(_RISES)
    return [Tier(tier.from_quantity, tier.unit.quantize(CENT)) for tier in ordered]


def unit_price(table: PriceTable, quantity: int, discount: Decimal | None = None) -> Decimal | Refused:
    """Return the price per licence of an order of `quantity`; `discount` is a reseller's own, in percent."""
    reached = [tier for tier in table if tier.from_quantity <= quantity]
    if not reached:
        return Refused(Refusal.CONFLICT, "P4", _NO_PRICE)
    unit = max(reached, key=lambda tier: tier.from_quantity).unit
    return reduced(unit, discount)


def retail_price(table: PriceTable) -> Decimal | Refused:
    """Return the price of a single licence, without anybody's discount."""
    return unit_price(table, 1)


def reduced(unit: Decimal, discount: Decimal | None) -> Decimal:
    """Return the price less `discount` percent, rounded half up to the cent, one at least."""
    if discount is None:
        return unit
    return max((unit * (100 - discount) / 100).quantize(CENT, ROUND_HALF_UP), CENT)


def _is_within(tier: Tier) -> bool:
    return CENT <= tier.unit <= HIGHEST_PRICE and 1 <= tier.from_quantity <= MOST_LICENSES


def _refuse(why: str) -> Refused:
    return Refused(Refusal.CONFLICT, "P4", why)
