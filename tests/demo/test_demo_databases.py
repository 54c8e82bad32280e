"""Demo data only ever enters a database that the seed itself made."""

import asyncpg
import pytest

from activation.config import load_settings
from activation.demo.seeding import ForeignDatabaseError, seed
from activation.licensing.model import Product
from activation.storage.installation import claim_for_demo
from activation.storage.products import add_product
from crypto.pepper import Pepper

PEPPER = Pepper(1, bytes(32))


async def rows(connection: asyncpg.Connection) -> tuple[int, int]:
    return (
        await connection.fetchval("SELECT count(*) FROM account"),
        await connection.fetchval("SELECT count(*) FROM staff"),
    )


async def test_an_empty_database_is_filled_once(connection, tmp_path):
    settings = load_settings(data_dir=tmp_path)
    logins = await seed(connection, settings, PEPPER)
    assert len(logins["company"]["licenses"]) == 50
    assert (tmp_path / "demo-logins.json").stat().st_mode & 0o777 == 0o600
    made = await rows(connection)
    assert await seed(connection, settings, PEPPER) == logins
    assert await rows(connection) == made == (3, 4)


async def test_somebodys_own_database_is_left_alone(connection, tmp_path):
    await add_product(connection, Product(1, "theirs"), "Theirs")
    with pytest.raises(ForeignDatabaseError, match="activation serve"):
        await seed(connection, load_settings(data_dir=tmp_path), PEPPER)
    assert await rows(connection) == (0, 0)


async def test_a_demo_whose_logins_are_elsewhere_says_so(connection, tmp_path):
    assert await claim_for_demo(connection)
    with pytest.raises(ForeignDatabaseError, match="load test"):
        await seed(connection, load_settings(data_dir=tmp_path), PEPPER)
    assert await rows(connection) == (0, 0)
