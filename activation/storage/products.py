"""Products: few, seldom changed, kept in memory by every worker."""

from activation.licensing.model import Product
from activation.licensing.values import value
from activation.storage.connection import Connection

_COLUMNS = "product_id, code, policy, install_id_platforms, valid_s, renew_s, moving_valid_s, moving_renew_s"


@value
class Catalogue:
    """All products by code and by id."""

    by_code: dict[str, Product]
    by_id: dict[int, Product]


async def read_catalogue(connection: Connection) -> Catalogue:
    """Read all products."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM product")  # noqa: S608  (a constant)
    products = [Product(row[0], row[1], row[2], frozenset(row[3]), *row[4:]) for row in rows]
    return Catalogue({one.code: one for one in products}, {one.product_id: one for one in products})


async def add_product(connection: Connection, product: Product, name: str) -> None:
    """Store a new product; one with the same code stays as it is."""
    await connection.execute(
        f"INSERT INTO product ({_COLUMNS}, name)"  # noqa: S608  (a constant)
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING",
        product.product_id,
        product.code,
        product.policy,
        sorted(product.install_id_platforms),
        product.valid_s,
        product.renew_s,
        product.moving_valid_s,
        product.moving_renew_s,
        name,
    )
