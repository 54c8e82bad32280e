"""A pool of licences not yet assigned, and which order the next one out of it comes from (P5).

A pool belongs to a reseller, or to a company with a distribution licence (C2), and holds licences of one
product, major version and kind. Licences leave it in the order in which they were paid for, so that each
assigned one names its order (P7 and P9 need it).
"""

from collections.abc import Iterable
from enum import IntEnum

from activation.licensing.model import LicenseKind
from activation.licensing.values import value


class PoolWhy(IntEnum):
    """Why a pool changed."""

    PAID = 1
    ASSIGNED = 2
    FORFEITED = 3
    TESTS_GRANTED = 4
    OWN_USE = 5
    DISABLED = 6


@value
class PoolKey:
    """Which pool: whose, and of what."""

    reseller_id: int
    product_id: int
    major: int
    kind: LicenseKind = LicenseKind.PERPETUAL


@value
class Lot:
    """Licences of a pool that came from one order; `purchase_id` is None for granted test licences."""

    purchase_id: int | None
    count: int


class PoolShortError(Exception):
    """The pool has not enough licences; nothing was taken. `balance` is how many it has."""

    def __init__(self, balance: int) -> None:
        super().__init__(f"the pool has {balance}")
        self.balance = balance


def left_of(sums: Iterable[Lot]) -> list[Lot]:
    """Return what is left of each order, oldest first, given what all entries that name it add up to.

    What left the pool without naming an order came from the oldest.
    """
    known = list(sums)
    unnamed = -sum(lot.count for lot in known if lot.count < 0)
    left = []
    for lot in known:
        used = min(max(lot.count, 0), unnamed)
        unnamed -= used
        if lot.count > used:
            left.append(Lot(lot.purchase_id, lot.count - used))
    return left


def without(left: Iterable[Lot], taken: Iterable[Lot]) -> list[Lot]:
    """Return what is left of each order when these licences are taken."""
    gone = {lot.purchase_id: lot.count for lot in taken}
    rest = [Lot(lot.purchase_id, lot.count - gone.get(lot.purchase_id, 0)) for lot in left]
    return [lot for lot in rest if lot.count]


def take_oldest(left: Iterable[Lot], count: int) -> list[Lot]:
    """Return where `count` licences come from, oldest order first. Raises PoolShortError."""
    taken: list[Lot] = []
    missing = count
    for lot in left:
        used = min(lot.count, missing)
        if used:
            taken.append(Lot(lot.purchase_id, used))
            missing -= used
    if missing:
        raise PoolShortError(count - missing)
    return taken
