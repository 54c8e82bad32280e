"""Products: few, seldom changed, kept in memory by every worker."""

import json
from dataclasses import field
from typing import Any, Final

from activation.licensing.events import EventKind
from activation.licensing.model import Product
from activation.licensing.values import value
from activation.storage.connection import Connection

_COLUMNS: Final = (
    "product_id, code, policy, install_id_platforms, valid_s, renew_s, moving_valid_s, moving_renew_s,"
    " update_months, refuses_forks"
)


@value
class ListedProduct:
    """A product as staff see it."""

    product_id: int
    code: str
    name: str
    policy: str
    install_id_platforms: list[str] = field(hash=False)
    update_months: int | None
    refuses_forks: bool
    builds: int


@value
class ListedBuild:
    """A build and when it was released, in seconds since 1970."""

    version: str
    released_at: int


@value
class ProductChange:
    """One change of a product: when (seconds since 1970), by which rule, what, and by whose login if any."""

    event_id: int
    changed_at: int
    rule: str
    details: dict[str, Any] = field(hash=False)
    login: str | None


@value
class Catalogue:
    """All products by code and by id."""

    by_code: dict[str, Product]
    by_id: dict[int, Product]
    builds: dict[tuple[int, str], int] = field(default_factory=dict)
    """When each build that is known was released (seconds), by product and version (L7)."""

    def released_at(self, product: Product, version: str | None) -> int | None:
        """Return when a build was released, None for one that is not known."""
        return self.builds.get((product.product_id, version)) if version is not None else None


async def read_catalogue(connection: Connection) -> Catalogue:
    """Read all products."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM product")  # noqa: S608  (a constant)
    products = [Product(row[0], row[1], row[2], frozenset(row[3]), *row[4:]) for row in rows]
    builds = await connection.fetch("SELECT product_id, version, released_at FROM build")
    return Catalogue(
        {one.code: one for one in products},
        {one.product_id: one for one in products},
        {(row[0], row[1]): row[2] for row in builds},
    )


async def add_product(connection: Connection, product: Product, name: str) -> bool:
    """Store a new product and tell whether it was; one with the same code stays as it is."""
    done: str = await connection.execute(
        f"INSERT INTO product ({_COLUMNS}, name)"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (code) DO NOTHING",
        product.product_id,
        product.code,
        product.policy,
        sorted(product.install_id_platforms),
        product.valid_s,
        product.renew_s,
        product.moving_valid_s,
        product.moving_renew_s,
        product.update_months,
        product.refuses_forks,
        name,
    )
    return done.endswith(" 1")


async def set_refuses_forks(connection: Connection, product_id: int, refuses_forks: bool) -> bool:
    """Store whether renewals by copied keys are refused (D6); tell whether that is new."""
    done: str = await connection.execute(
        "UPDATE product SET refuses_forks = $2 WHERE product_id = $1 AND refuses_forks <> $2",
        product_id,
        refuses_forks,
    )
    return done.endswith(" 1")


async def set_policy(connection: Connection, product_id: int, policy: str) -> bool:
    """Store by which policy new devices are enrolled (D2); tell whether that is another one."""
    done: str = await connection.execute(
        "UPDATE product SET policy = $2 WHERE product_id = $1 AND policy <> $2", product_id, policy
    )
    return done.endswith(" 1")


async def set_settings(
    connection: Connection, product_id: int, name: str, platforms: list[str], update_months: int | None
) -> bool:
    """Store a name, where `install_id` will do (D3), the term of updates (L7); tell if any of it is new."""
    done: str = await connection.execute(
        "UPDATE product SET name = $2, install_id_platforms = $3, update_months = $4 WHERE product_id = $1"
        " AND (name, install_id_platforms, update_months) IS DISTINCT FROM ($2, $3::text[], $4)",
        product_id,
        name,
        platforms,
        update_months,
    )
    return done.endswith(" 1")


async def list_changes(
    connection: Connection, product_id: int, before: int, limit: int
) -> list[ProductChange]:
    """Return what changed about a product in events with ids below `before`, the newest first."""
    rows = await connection.fetch(
        "SELECT event_id, floor(date_part('epoch', happened))::bigint, rule, details::text, login"
        " FROM event LEFT JOIN staff ON staff_id = actor_id"
        " WHERE shard = 0 AND about = $1 AND event_id < $2 AND kind = $3"
        " ORDER BY event_id DESC LIMIT $4",
        product_id,
        before,
        int(EventKind.PRODUCT_CHANGED),
        limit,
    )
    return [ProductChange(row[0], row[1], row[2], json.loads(row[3] or "{}"), row[4]) for row in rows]


async def next_product_id(connection: Connection) -> int:
    """Return an id that no product has. Two at a time get the same: the key refuses the second."""
    highest: int = await connection.fetchval("SELECT coalesce(max(product_id), 0) FROM product")
    return highest + 1


async def list_products(connection: Connection) -> list[ListedProduct]:
    """Return all products by code."""
    rows = await connection.fetch(
        "SELECT product_id, code, name, policy, install_id_platforms, update_months, refuses_forks,"
        " (SELECT count(*)::integer FROM build b WHERE b.product_id = p.product_id)"
        " FROM product p ORDER BY code"
    )
    return [ListedProduct(*row) for row in rows]


async def list_builds(connection: Connection, product_id: int) -> list[ListedBuild]:
    """Return a product's builds, the newest first."""
    rows = await connection.fetch(
        "SELECT version, released_at FROM build WHERE product_id = $1 ORDER BY released_at DESC, version",
        product_id,
    )
    return [ListedBuild(*row) for row in rows]


async def add_build(
    connection: Connection, product_id: int, version: str, released_at: int
) -> tuple[int, bool]:
    """Store a build; return the time of release that stands now, and whether the build is new."""
    new: int | None = await connection.fetchval(
        "INSERT INTO build (product_id, version, released_at) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING RETURNING released_at",
        product_id,
        version,
        released_at,
    )
    if new is not None:
        return new, True
    stands: int = await connection.fetchval(
        "SELECT released_at FROM build WHERE product_id = $1 AND version = $2", product_id, version
    )
    return stands, False
