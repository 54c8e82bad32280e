"""Running the machine on a server: so many runs of so many steps."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from hasty_postgres import HASTY
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from model_house import House
from model_machine import LicensingMachine

from activation.config import load_settings
from activation.equipping import equip
from activation.storage.embedded import EmbeddedPostgres
from activation.storage.migrations.running import migrate

FIND_AND_EXPLAIN = (Phase.generate, Phase.shrink)
FIND = (Phase.generate,)


def run_machine(
    house: House, runs: int, steps: int, *, same: bool = False, phases: tuple[Phase, ...] = FIND_AND_EXPLAIN
) -> None:
    """Run it; raises what the first disagreement raises, its steps made few. `same`: as every time."""
    machine = type("LicensingMachine", (LicensingMachine,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=same,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@contextmanager
def open_house() -> Iterator[House]:
    """Start a server of its own in a temporary folder; its log stays quiet."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        own = load_settings(
            data_dir=Path(folder) / "data",
            allow_undurable=True,
            # Everybody in all runs comes from one address.
            limit_account_hour=1_000_000,
            limit_address_hour=1_000_000,
        )
        equip(own, Path(folder) / "roots")
        with EmbeddedPostgres(Path(folder) / "postgres", settings=HASTY) as embedded:
            dsn = embedded.start()
            migrate(dsn)
            house = House(own, dsn)
            yield house
            house.close()
