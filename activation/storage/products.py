"""Products: few, seldom changed, kept in memory by every worker."""

from dataclasses import field
from typing import Final

from activation.licensing.model import Product
from activation.licensing.values import value
from activation.storage.connection import Connection

_COLUMNS: Final = (
    "product_id, code, policy, install_id_platforms, valid_s, renew_s, moving_valid_s, moving_renew_s,"
    " update_months"
)


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


async def add_product(connection: Connection, product: Product, name: str) -> None:
    """Store a new product; one with the same code stays as it is."""
    await connection.execute(
        f"INSERT INTO product ({_COLUMNS}, name)"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (code) DO NOTHING",
        product.product_id,
        product.code,
        product.policy,
        sorted(product.install_id_platforms),
        product.valid_s,
        product.renew_s,
        product.moving_valid_s,
        product.moving_renew_s,
        product.update_months,
        name,
    )
