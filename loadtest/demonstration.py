"""The demo as a program runs it: in a folder that goes away, with its logins at hand."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

START_S: Final = 90.0
STOP_S: Final = 60.0


class DemoError(Exception):
    """The demo did not start."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its folder, and what its demo.json says."""

    folder: Path
    told: dict[str, Any] = field(repr=False)

    @property
    def base_url(self) -> str:
        """Return where it serves."""
        return str(self.told["base_url"])

    def person(self, who: str) -> dict[str, Any]:
        """Return the logins of somebody: support, sales, admin, auditor, reseller, end_user, company."""
        found: dict[str, Any] = self.told["staff"].get(who) or self.told[who]
        return found

    def run(self, *words: str) -> str:
        """Run `activation` on this demo's database; return what it prints."""
        done = subprocess.run(  # noqa: S603  (our own command)
            [_command(), *words], env=_environment(self.folder), stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout


@contextmanager
def run_demo(workers: int = 1) -> Iterator[Demo]:
    """Run the demo as long as this lasts. Raises DemoError when it does not start."""
    with tempfile.TemporaryDirectory(prefix="activation-demo-") as name:
        folder = Path(name)
        settings = {"ACTIVATION_PORT": "0", "ACTIVATION_WORKERS": str(workers)}
        process = subprocess.Popen(  # noqa: S603  (our own command)
            [_command(), "demo"], env=_environment(folder) | settings, stdout=subprocess.DEVNULL
        )
        try:
            yield Demo(folder, _await(process, folder / "demo.json"))
        finally:
            process.terminate()
            process.wait(STOP_S)


def _command() -> Path:
    return Path(sys.executable).with_name("activation")


def _environment(folder: Path) -> dict[str, str]:
    """Return this environment without the user's own settings, and with this data folder."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("ACTIVATION_")}
    return mine | {"ACTIVATION_DATA_DIR": str(folder)}


def _await(process: "subprocess.Popen[bytes]", file: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_S
    while not file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DemoError(f"the demo did not start (status {process.poll()})")
        time.sleep(0.1)
    told: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return told
