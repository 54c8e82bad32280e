"""Running the machine on a server: so many runs of so many steps."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from model_house import House
from model_machine import LicensingMachine


def run_machine(house: House, runs: int, steps: int, *, same: bool = False) -> None:
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
            print_blob=not same,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
