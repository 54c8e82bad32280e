"""L7, D2, D6: the products, their settings and builds. Workers read them again within seconds."""

from dataclasses import field, replace
from typing import Final

from activation.licensing.devices.policies import current_policy
from activation.licensing.events import EventKind
from activation.licensing.model import Product
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.products import (
    ListedBuild,
    ListedProduct,
    ProductChange,
    add_build,
    add_product,
    list_builds,
    list_changes,
    list_products,
    next_product_id,
    set_policy,
    set_refuses_forks,
    set_settings,
)

__all__ = [
    "ListedBuild",
    "ListedProduct",
    "NewProduct",
    "ProductChange",
    "ProductHistory",
    "ProductSettings",
    "change_policy",
    "change_settings",
    "decide_on_forks",
    "make_build",
    "make_product",
    "see_builds",
    "see_history",
    "see_product",
    "see_products",
]
PAGE: Final = 50
NEWEST: Final = (1 << 63) - 1
_TAKEN: Final = "There is a product with this code already."
_UNKNOWN: Final = "There is no such product."
_KNOWN: Final = "This build is known with another time of release."


@value
class NewProduct:
    """A product to make."""

    code: str
    name: str
    policy: str = "standard"
    install_id_platforms: frozenset[str] = frozenset()
    update_months: int | None = None
    refuses_forks: bool = False


@value
class ProductSettings:
    """What may be changed of a product at any time: its name, D3's exception, L7's term in months."""

    name: str
    install_id_platforms: frozenset[str] = frozenset()
    update_months: int | None = None


@value
class ProductHistory:
    """A page of what changed about a product, the newest first; `next_before` when more may follow."""

    changes: list[ProductChange] = field(hash=False)
    next_before: int | None


async def see_products(work: Work) -> list[ListedProduct]:
    """Return all products."""
    return await list_products(work.connection)


async def make_product(work: Work, new: NewProduct) -> Product | Refused:
    """Make a product."""
    product = Product(
        await next_product_id(work.connection),
        new.code,
        new.policy,
        new.install_id_platforms,
        update_months=new.update_months,
        refuses_forks=new.refuses_forks,
    )
    if not await add_product(work.connection, product, new.name):
        return Refused(Refusal.CONFLICT, "L7", _TAKEN)
    await work.tell(EventKind.PRODUCT_CHANGED, product.product_id, "L7", {"product": new.code})
    return product


async def decide_on_forks(work: Work, code: str, refuses_forks: bool) -> ListedProduct | Refused:
    """D6: say whether a product's renewals by copied device keys are refused, or only reported."""
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    if await set_refuses_forks(work.connection, product.product_id, refuses_forks):
        told = {"product": code, "refuses_forks": refuses_forks}
        await work.tell(EventKind.PRODUCT_CHANGED, product.product_id, "D6", told)
    return replace(product, refuses_forks=refuses_forks)


async def change_policy(work: Work, code: str, policy: str) -> ListedProduct | Refused:
    """D2: say how a product knows devices from now on. Those enrolled stay known as they were enrolled."""
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    label = current_policy(policy).label
    if await set_policy(work.connection, product.product_id, policy):
        told = {"product": code, "policy": label}
        await work.tell(EventKind.PRODUCT_CHANGED, product.product_id, "D2", told)
    return replace(product, policy=policy)


async def change_settings(work: Work, code: str, wanted: ProductSettings) -> ListedProduct | Refused:
    """L7, D3: change a product's name, term of updates, and where a made-up id stands in for hardware.

    What was given and enrolled before stays as it is.
    """
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    platforms = sorted(wanted.install_id_platforms)
    stored = wanted.name, platforms, wanted.update_months
    if await set_settings(work.connection, product.product_id, *stored):
        changed = replace(
            product, name=wanted.name, install_id_platforms=platforms, update_months=wanted.update_months
        )
        told = {"product": code, **_changes(product, changed)}
        await work.tell(EventKind.PRODUCT_CHANGED, product.product_id, "L7", told)
        return changed
    return product


def _changes(before: ListedProduct, after: ListedProduct) -> dict[str, object]:
    names = ("name", "install_id_platforms", "update_months")
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


async def see_product(work: Work, code: str) -> ListedProduct | Refused:
    """Return one product."""
    found = [one for one in await list_products(work.connection) if one.code == code]
    return found[0] if found else Refused(Refusal.NOT_FOUND, "L7", _UNKNOWN)


async def see_history(
    work: Work, code: str, before: int = NEWEST, limit: int = PAGE
) -> ProductHistory | Refused:
    """Return what changed about a product and who changed it, the newest first, by pages."""
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    changes = await list_changes(work.connection, product.product_id, before, limit)
    return ProductHistory(changes, changes[-1].event_id if len(changes) == limit else None)


async def see_builds(work: Work, code: str) -> list[ListedBuild] | Refused:
    """Return a product's builds, the newest first."""
    product = await see_product(work, code)
    return product if isinstance(product, Refused) else await list_builds(work.connection, product.product_id)


async def make_build(work: Work, code: str, version: str, released_at: int) -> ListedBuild | Refused:
    """Make a build known. Saying the same again changes nothing; another time is refused."""
    product = await see_product(work, code)
    if isinstance(product, Refused):
        return product
    stands, is_new = await add_build(work.connection, product.product_id, version, released_at)
    if stands != released_at:
        return Refused(Refusal.CONFLICT, "L7", _KNOWN, facts={"released_at": stands})
    if is_new:
        told = {"product": code, "version": version, "released_at": released_at}
        await work.tell(EventKind.PRODUCT_CHANGED, product.product_id, "L7", told)
    return ListedBuild(version, released_at)
