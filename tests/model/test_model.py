"""The short form, under half a minute; `make model` runs the long one (B2)."""

from collections.abc import Callable, Iterator

import pytest
from hasty_postgres import Server, run_async
from model_house import House
from model_machine import TALLY
from model_running import run_machine

from activation.config import Settings


@pytest.fixture
def house(start_server: Callable[[str], Server], settings: Settings) -> Iterator[House]:
    server = start_server("18")
    dsn = run_async(lambda: server.create("migrated"))
    house = House(settings, dsn)
    yield house
    house.close()
    run_async(lambda: server.drop(dsn))


def test_server_and_model_agree_on_every_step(house: House) -> None:
    run_machine(house, 15, 20, same=True)
    assert TALLY.done.total() > 50
    assert TALLY.refused.total() > 20
