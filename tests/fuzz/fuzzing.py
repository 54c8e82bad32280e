"""Every parser fuzzed: `python -m tests.fuzz.fuzzing --minutes 10`, or `make fuzz MINUTES=10`.

Each parser gets its share of the time in a process of its own under Atheris, which follows the coverage of
our byte code from the seeds on; where Atheris is not there, the seeds are changed without guidance. A parser
may raise what it documents, and nothing else; one input may take a second of processor time. Prints a line
for each parser and as its last line one JSON object. Ends with status 1 when something was found: the input
is kept below `--folder`, and `--again FILE --only PARSER` feeds it once more.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from all_parsers import BY_NAME  # noqa: E402
from parsing import Parser  # noqa: E402
from unguided import inputs  # noqa: E402


@dataclass(frozen=True)
class Told:
    """How fuzzing one parser went. `edges`: how much of our code the inputs reach, 0 without guidance."""

    parser: str
    inputs: int
    edges: int
    found: str
    """The exception's last lines, or "" when there was none."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzzing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--only", action="append", choices=BY_NAME, help="a parser's name; may be given again"
    )
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, default=Path(".fuzz"), help="for inputs that are worth keeping"
    )
    parser.add_argument("--again", type=Path, help="feed this file to the parser of --only, and no more")
    wanted = parser.parse_args()
    chosen = [BY_NAME[name] for name in wanted.only or BY_NAME]
    if wanted.again:
        chosen[0](wanted.again.read_bytes())
        return
    guided = find_spec("atheris") is not None
    share_s = wanted.minutes * 60 * wanted.at_once / len(chosen)
    began = time.monotonic()
    print(f"{len(chosen)} parsers, {share_s:.0f} s each, {'Atheris' if guided else 'without guidance'}")
    run = run_guided if guided else run_unguided
    told = [tell(each) for each in run(chosen, share_s, wanted)]
    if len(told) < len(chosen):
        sys.exit(f"stopped before the end: see {wanted.folder / 'log'}")
    found = [each for each in told if each.found]
    for each in found:
        print(f"\nFOUND in {each.parser}:\n{each.found}")
    summary = {
        "parsers": len(told),
        "inputs": sum(each.inputs for each in told),
        "found": len(found),
        "guided": guided,
        "seconds": round(time.monotonic() - began, 1),
        "each": [asdict(each) for each in told],
    }
    print(json.dumps(summary))
    sys.exit(1 if found else 0)


def tell(told: Told) -> Told:
    verdict = "FOUND" if told.found else "none found"
    print(f"{told.parser:32}{told.inputs:>10} inputs {told.edges:>6} edges   {verdict}", flush=True)
    return told


def run_guided(parsers: Sequence[Parser], share_s: float, wanted: argparse.Namespace) -> Iterator[Told]:
    """Fuzz under Atheris; inputs that reached something new stay in the folder for the next time."""
    options = [str(max(1, round(share_s))), str(wanted.at_once), str(wanted.seed), str(wanted.folder)]
    command = [sys.executable, str(Path(__file__).with_name("guided.py")), *options]
    command += [parser.name for parser in parsers]
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with (
        (wanted.folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            name, _, status = line.strip().partition("\t")
            said = (wanted.folder / _slug(name) / "log").read_text("utf-8", "replace")
            units = _last(r"stat::number_of_executed_units: *(\d+)", said)
            yield Told(name, units, _last(r"cov: (\d+)", said), _explain(said) if status != "0" else "")


def run_unguided(parsers: Sequence[Parser], share_s: float, wanted: argparse.Namespace) -> Iterator[Told]:
    for parser in parsers:
        yield fuzz_unguided(parser, share_s / wanted.at_once, wanted.seed, wanted.folder)


def fuzz_unguided(parser: Parser, seconds: float, seed: int, folder: Path) -> Told:
    until, number = time.monotonic() + seconds, 0
    for number, data in enumerate(inputs(parser, seed), 1):
        if time.monotonic() > until:
            break
        try:
            parser(data)
        except Exception:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"found-{_slug(parser.name)}").write_bytes(data)
            return Told(parser.name, number, 0, traceback.format_exc(limit=-6))
    return Told(parser.name, number, 0, "")


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name)


def _last(pattern: str, text: str) -> int:
    numbers = re.findall(pattern, text)
    return int(numbers[-1]) if numbers else 0


def _explain(said: str) -> str:
    begin = said.find("Uncaught Python exception")
    lines: Sequence[str] = said[max(begin, 0) :].splitlines()
    kept = [line for line in lines if "Test unit written" in line]
    return "\n".join([*lines[:40], *kept] if begin >= 0 else lines[-30:])


if __name__ == "__main__":
    main()
