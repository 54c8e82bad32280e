"""A reseller's pools as they stand, and the ledger behind them (P5, C3)."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.model import LicenseKind
from activation.licensing.reselling.pool import PoolKey
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.reselling.assigning import NO_PRODUCT
from activation.service.reselling.givers import NO_RESELLER
from activation.service.working import Work
from activation.storage.reselling.assignments import count_used
from activation.storage.reselling.pool_ledger import (
    Balance,
    PoolEntry,
    balances,
    entries,
    read_left,
)
from activation.storage.reselling.resellers import read_reseller

PAGE: Final = 500
Entry = PoolEntry


@value
class Left:
    """How many licences of a product's major version are left to assign."""

    product: str
    major: int
    kind: LicenseKind
    count: int


@value
class PoolStanding:
    """A pool, and how many of the licences assigned from it a device holds now (C3)."""

    balance: Balance
    used: int


async def see_pools(work: Work, reseller_id: int) -> Sequence[PoolStanding] | Refused:
    """Return every pool of a reseller."""
    if await read_reseller(work.connection, reseller_id) is None:
        return NO_RESELLER
    used = await count_used(work.connection, reseller_id)
    pools = await balances(work.connection, reseller_id)
    return [PoolStanding(pool, used.get(pool.key, 0)) for pool in pools]


async def see_left(work: Work, reseller_id: int, kind: LicenseKind) -> list[Left]:
    """Return what is left in a reseller's pools of this kind, also where it is nothing any more."""
    found = await read_left(work.connection, reseller_id)
    codes = work.desk.catalogue.by_id
    return [
        Left(codes[key.product_id].code, key.major, key.kind, count)
        for key, count in found
        if key.kind is kind
    ]


async def see_entries(
    work: Work, reseller_id: int, product: str, major: int, kind: LicenseKind, after: int
) -> Sequence[PoolEntry] | Refused:
    """Return a page of a pool's ledger: the entries numbered above `after`."""
    found = work.desk.catalogue.by_code.get(product)
    if found is None:
        return NO_PRODUCT
    return await entries(work.connection, PoolKey(reseller_id, found.product_id, major, kind), after, PAGE)
