"""A server of its own for every run: a fresh data folder, keys, seeded accounts, `activation serve`."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from crypto import base64url
from loadtest.postgres import Address, find_postgres
from loadtest.seeded import Seeded, load_seeded

PRODUCT: Final = "softphone"
MAJOR: Final = 5
READY_S: Final = 60.0
STOP_S: Final = 60.0
ALL_SERVED: Final = {"ACTIVATION_LONGEST_WAIT_S": "60"}
"""Settings under which nobody is turned away, however slow the machine: for figures that need all answers."""


class ServerError(Exception):
    """The server under load did not start; the text has what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and what its clients must know."""

    port: int
    pid: int
    data_dir: Path
    postgres: Address
    roots: tuple[bytes, ...]
    seeded: Seeded

    def worker_pids(self) -> list[int]:
        """Return the workers' process ids; none where /proc does not tell."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        found = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        return [pid for pid in found if b"activation.app" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextmanager
def run_server(
    accounts: int, workers: int, seats_each: int = 1, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Make and seed a server in a temporary folder, and run it as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="activation-load-") as folder:
        data_dir = Path(folder) / "data"
        environment = {**_environment(data_dir, workers), **(settings or {})}
        for command in (["keys", "init", "--no-passphrase"], ["migrate"]):
            _call(environment, *command)
        file = data_dir / "seeded.json"
        shape = ["--product", PRODUCT, "--major", str(MAJOR), "--seats-each", str(seats_each)]
        _call(environment, "licenses", "seed", *shape, "--accounts", str(accounts), "--out", str(file))
        exported = _call(environment, "keys", "export").split()
        with (data_dir / "server.log").open("wb") as log, _serving(environment, log) as (pid, port):
            roots = tuple(base64url.decode(root) for root in exported)
            yield Server(port, pid, data_dir, find_postgres(data_dir), roots, load_seeded(file))


def _environment(data_dir: Path, workers: int) -> dict[str, str]:
    """Return this environment without the user's own settings: load must never reach the user's database."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("ACTIVATION_")}
    return {
        **mine,
        "ACTIVATION_DATA_DIR": str(data_dir),
        "ACTIVATION_HOST": "127.0.0.1",
        "ACTIVATION_PORT": "0",
        "ACTIVATION_WORKERS": str(workers),
        # All load comes from one address.
        "ACTIVATION_LIMIT_ACCOUNT_HOUR": "1000000",
        "ACTIVATION_LIMIT_ADDRESS_HOUR": "1000000",
    }


def _activation() -> list[str]:
    return [sys.executable, "-c", "from activation.cli import main; main()"]


def _call(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [*_activation(), *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise ServerError(f"activation {' '.join(arguments)} ended with status {done.returncode}")
    return done.stdout


@contextmanager
def _serving(environment: dict[str, str], log: IO[bytes]) -> Iterator[tuple[int, int]]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*_activation(), "serve"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
    )
    try:
        port = _read_port(process, Path(log.name))
        _await_ready(port, process, Path(log.name))
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _read_port(process: "subprocess.Popen[str]", log: Path) -> int:
    for line in process.stdout or ():
        found = re.search(r"Serving on port (\d+)", line)
        if found:
            return int(found[1])
    raise ServerError(f"the server did not start: {log.read_text('utf-8')[-2000:]}")


def _await_ready(port: int, process: "subprocess.Popen[str]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise ServerError(f"the server did not become ready: {log.read_text('utf-8')[-2000:]}")
