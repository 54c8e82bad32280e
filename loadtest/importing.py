"""How long an existing vendor's licences take to come over: `python -m loadtest.importing --lines 200000`.

Makes a list, a database of its own (embedded, durable) in a temporary folder, and runs the command that an
operator runs. The last line is one JSON object.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).parent / "activation"
_COMPANY_EVERY = 200


def write_list(path: Path, lines: int, seed: int = 1) -> int:
    """Write a list of so many lines, most of one licence, some of a company's many; return the licences."""
    draw = random.Random(seed)  # noqa: S311  (a list to load with, no secret)
    licenses = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["login", "product", "quantity", "since", "major", "name", "email"])
        for number in range(lines):
            quantity = draw.randint(20, 100) if number % _COMPANY_EVERY == 0 else 1
            since = f"{draw.randint(2010, 2025)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            name, email = f"Customer {number}", f"customer{number}@example.com"
            rows.writerow([f"customer-{number}", "Zoiper 5 PRO", quantity, since, "", name, email])
            licenses += quantity
    return licenses


def run(folder: Path, *words: str | Path) -> str:
    """Run `activation` with a data folder of its own; return what it prints."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ACTIVATION_")}
    done = subprocess.run(  # noqa: S603  (our own command)
        [COMMAND, *words],
        env={**own, "ACTIVATION_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def measure(lines: int, folder: Path) -> dict[str, Any]:
    """Import a list of so many lines and return the figures."""
    listed = folder / "licences.csv"
    write_list(listed, lines)
    data = folder / "data"
    run(data, "keys", "init", "--no-passphrase", "--roots", folder / "roots")
    run(data, "migrate")
    run(data, "licenses", "seed", "--product", "softphone", "--major", "5", "--accounts", "1", "--json")
    began = time.monotonic()
    words: list[str | Path] = [
        "--product-map",
        "Zoiper 5 PRO=softphone:5",
        "--logins-out",
        folder / "logins.csv",
        "--json",
    ]
    told: dict[str, Any] = json.loads(run(data, "licenses", "import", listed, *words))
    seconds = round(time.monotonic() - began, 1)
    return {**told, "file": listed.name, "command_seconds": seconds, "lines_per_s": round(lines / seconds)}


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m loadtest.importing", description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        figures = measure(parser.parse_args().lines, Path(folder))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
