"""A real server for the tests: started by its own command, in processes of its own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from acceptance_commands import COMMAND, environment, run_cli
from prometheus_client.mmap_dict import MmapedDict

from activation.storage.embedded import EmbeddedPostgres
from activation.storage.embedded.sockets import cluster_name

__all__ = ["COMMAND", "RealServer", "environment", "run_cli"]
START_S = 90.0
STOP_S = 40.0


class RealServer:
    """`activation demo` or `activation serve` in a data folder of its own, on a free port."""

    def __init__(self, folder: Path, command: str = "demo", **settings: str) -> None:
        self.folder = folder
        self.command = command
        self.settings = {"ACTIVATION_PORT": "0", "ACTIVATION_WORKERS": "2", **settings}
        self.url = ""
        self.demo: dict[str, Any] = {}
        self._runs = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it serves."""
        assert self._process is None
        self._runs += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [COMMAND, self.command],
                env=environment(self.folder, self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not self._find_url():
            told = self.errors.read_text()
            assert self._process.poll() is None, f"the server ended: {told}"
            assert time.monotonic() < deadline, f"the server does not become ready: {told}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Send SIGTERM; see that it ends well, that nothing of it is left, and that its log is JSON."""
        if self._process is None:
            return
        process, self._process = self._process, None
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            for one in self.leftovers(family):
                one.kill()
            raise
        assert status == 0, self.errors.read_text()
        assert self.leftovers(family) == []
        for line in self.log():
            assert line["event"], line

    def leftovers(self, family: Sequence[psutil.Process] = ()) -> list[psutil.Process]:
        """Which processes of this server live: those known, and any other that bears its marks."""
        cluster = cluster_name((self.folder / "postgres").resolve())
        found = {one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE}
        for one in psutil.process_iter():
            try:
                words = " ".join(one.cmdline())
                if cluster in words or self._is_ours(one, words):
                    found.add(one)
            except psutil.Error:
                continue
        return sorted(found, key=lambda one: one.pid)

    @property
    def output(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{self._runs}.stdout")

    @property
    def errors(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{self._runs}.stderr")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        """Send SIGTERM and return at once; `stop` then waits for the end."""
        os.kill(self.pid, signal.SIGTERM)

    def workers(self) -> list[int]:
        """The workers' process ids."""
        children = psutil.Process(self.pid).children()
        return [one.pid for one in children if "activation.app" in " ".join(_words(one))]

    def postgres(self) -> list[psutil.Process]:
        """The embedded database's processes, the postmaster first."""
        pidfile = self.folder / "postgres" / "data" / "postmaster.pid"
        postmaster = psutil.Process(int(pidfile.read_text().split()[0]))
        return [postmaster, *postmaster.children(recursive=True)]

    def dsn(self) -> str:
        """The DSN of the running embedded database, found as a guest."""
        return EmbeddedPostgres(self.folder / "postgres").start()

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """What the server logged from byte `since` on; fails unless every line is a JSON object."""
        lines = []
        for line in self.errors.read_bytes()[since:].decode().splitlines():
            entry = json.loads(line)
            assert isinstance(entry, dict), line
            lines.append(entry)
        return lines

    def log_size(self) -> int:
        return self.errors.stat().st_size

    def requests_by_worker(self) -> dict[int, float]:
        """How many requests each worker has counted, by its process id."""
        counted: dict[int, float] = {}
        for path in (self.folder / "run" / "metrics").glob("counter_*.db"):
            values = MmapedDict.read_all_values_from_file(str(path))
            pid = int(path.stem.rpartition("_")[2])
            counted[pid] = sum(
                value[1] for value in values if json.loads(value[0])[1] == "activation_requests_total"
            )
        return counted

    def _find_url(self) -> bool:
        if self.command == "demo":
            try:
                self.demo = json.loads((self.folder / "demo.json").read_text())
            except FileNotFoundError:
                return False
            self.url = self.demo["base_url"]
            return True
        told = self.output.read_text()
        if "Serving on port " not in told or len(self._serving()) < int(self.settings["ACTIVATION_WORKERS"]):
            return False
        self.url = f"http://localhost:{told.partition('Serving on port ')[2].split()[0]}"
        return True

    def _serving(self) -> list[str]:
        return [line for line in self.errors.read_text().splitlines() if '"serving"' in line]

    def _is_ours(self, process: psutil.Process, words: str) -> bool:
        return "activation" in words and process.environ().get("ACTIVATION_DATA_DIR") == str(self.folder)


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
