"""The long form (B2): `python -m tests.model.long --runs 5000 --steps 50`, or `make model`.

Prints what it came to, and as its last line one JSON object. Ends with status 1 at the first disagreement
between server and model, told with the fewest steps that show it. `--planted` plants one bug after the other
in the server instead, and tells which of them were found.
"""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

from hypothesis import Phase

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from model_bugs import PLANTED, planted  # noqa: E402
from model_house import House  # noqa: E402
from model_machine import TALLY  # noqa: E402
from model_running import FIND, FIND_AND_EXPLAIN, open_house, run_machine  # noqa: E402

SLICE = 25


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model.long", description=__doc__)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many")
    parser.add_argument("--planted", action="store_true")
    wanted = parser.parse_args()
    with open_house() as house:
        if wanted.planted:
            good = find_planted(house, wanted.runs, wanted.steps)
        else:
            good = run_long(house, wanted.runs, wanted.steps, wanted.minutes)
            print(json.dumps({"agreed": good, "steps": wanted.steps, **figures()}))
    sys.exit(0 if good else 1)


def run_long(house: House, runs: int, steps: int, minutes: float) -> bool:
    """Run slice by slice, telling how far it is, until all are done, time is up, or they disagree."""
    while TALLY.runs < runs and time.monotonic() - TALLY.began < minutes * 60:
        if disagrees(house, min(SLICE, runs - TALLY.runs), steps, FIND_AND_EXPLAIN):
            return False
        print(f"{TALLY.runs} runs, {TALLY.asked.total()} questions", flush=True)
    return True


def find_planted(house: House, runs: int, steps: int) -> bool:
    found = {}
    for name in PLANTED:
        began = time.monotonic()
        with planted(name):
            found[name] = disagrees(house, runs, steps, FIND)
        print(
            f"{'found' if found[name] else 'MISSED':6} {time.monotonic() - began:6.1f} s  {name}", flush=True
        )
    print(json.dumps({"planted": len(found), "found": sum(found.values())}))
    return all(found.values())


def disagrees(house: House, runs: int, steps: int, phases: tuple[Phase, ...]) -> bool:
    """Run the machine; tell whether server and model disagreed, and how when that is wanted."""
    try:
        run_machine(house, runs, steps, phases=phases)
    except Exception:
        if phases is FIND_AND_EXPLAIN:
            traceback.print_exc()
        return True
    return False


def figures() -> dict[str, object]:
    return {
        "runs": TALLY.runs,
        "asked": TALLY.asked.total(),
        "done": dict(TALLY.done.most_common()),
        "refused": dict(TALLY.refused.most_common()),
        "seconds": round(time.monotonic() - TALLY.began, 1),
    }


if __name__ == "__main__":
    main()
