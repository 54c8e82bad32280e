"""The long form (B2): `python -m tests.model.long --runs 5000 --steps 50`, or `make model`.

Prints what it came to, and as its last line one JSON object. Ends with status 1 at the first disagreement
between server and model, told with the fewest steps that show it.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path

import structlog

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from conftest import HASTY  # noqa: E402
from model_house import House  # noqa: E402
from model_machine import TALLY  # noqa: E402
from model_running import run_machine  # noqa: E402

from activation.config import load_settings  # noqa: E402
from activation.equipping import equip  # noqa: E402
from activation.storage.embedded import EmbeddedPostgres  # noqa: E402
from activation.storage.migrations.running import migrate  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model.long", description=__doc__)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=50)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        settings = load_settings(data_dir=Path(folder) / "data", allow_undurable=True)
        equip(settings, Path(folder) / "roots")
        with EmbeddedPostgres(Path(folder) / "postgres", settings=HASTY) as embedded:
            dsn = embedded.start()
            migrate(dsn)
            house = House(settings, dsn)
            agreed = _run(house, wanted.runs, wanted.steps)
            house.close()
    sys.exit(0 if agreed else 1)


def _run(house: House, runs: int, steps: int) -> bool:
    began = time.monotonic()
    try:
        run_machine(house, runs, steps)
        agreed = True
    except Exception:
        traceback.print_exc()
        agreed = False
    figures = {
        "agreed": agreed,
        "runs": TALLY.runs,
        "steps": steps,
        "asked": TALLY.asked.total(),
        "done": dict(TALLY.done.most_common()),
        "refused": dict(TALLY.refused.most_common()),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures))
    return agreed


if __name__ == "__main__":
    main()
