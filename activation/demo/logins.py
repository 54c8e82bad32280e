"""The demo's logins: kept in a file of mode 0600, written to `demo.json` once all is ready."""

import json
import os
from pathlib import Path
from typing import Any, Final

DEMO_FILE: Final = "demo.json"
_KEPT: Final = "demo-logins.json"


def keep_logins(data_dir: Path, logins: dict[str, Any]) -> None:
    """Keep the logins that the seed made: the database has only their hashes."""
    write_private(data_dir / _KEPT, logins)


def load_logins(data_dir: Path) -> dict[str, Any]:
    """Return what the seed kept. Raises FileNotFoundError."""
    loaded: dict[str, Any] = json.loads((data_dir / _KEPT).read_text(encoding="utf-8"))
    return loaded


def forget_demo_file(data_dir: Path) -> None:
    """Remove `demo.json`: nothing is ready now."""
    (data_dir / DEMO_FILE).unlink(missing_ok=True)


def write_demo_file(data_dir: Path, contents: dict[str, Any]) -> Path:
    """Write `demo.json`, last of all: programs wait for it."""
    return write_private(data_dir / DEMO_FILE, contents)


def write_private(path: Path, contents: dict[str, Any]) -> Path:
    """Write JSON to a file of mode 0600 that appears whole or not at all."""
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(contents, file, indent=2)
        file.write("\n")
    fresh.replace(path)
    return path
