"""Closed-loop load on one port: by wrk where there is one, else by our own driver, from the same feeds."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import msgspec

from loadtest.feeds import Feed

PARTS: Final = 2
"""Threads of wrk, or processes of our own driver."""
_TAIL_S: Final = 1
_SPARE_S: Final = 90.0


class LoadError(Exception):
    """The load did not run as it must for its figure to mean anything."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: requests sent from each part, all of them answered as expected."""

    issued: tuple[int, ...]
    seconds: float
    connections: int

    @property
    def total(self) -> int:
        """Return how many requests were sent, and answered in the end."""
        return sum(self.issued)

    @property
    def rate(self) -> float:
        """Return answers a second: when time is up, each connection still waits for one more."""
        return (self.total - self.connections) / self.seconds


@dataclass(frozen=True, slots=True)
class Flood:
    """What more load than can be served came to: requests sent, and those of them that were turned away."""

    issued: int
    refused: int
    seconds: float

    @property
    def served(self) -> int:
        """Return how many were not turned away."""
        return self.issued - self.refused


@dataclass(frozen=True, slots=True)
class Driver:
    """Which driver there is, and how it is asked."""

    connections: int
    wrk: str | None = field(default_factory=lambda: shutil.which("wrk"))

    @property
    def name(self) -> str:
        """Return what people call it."""
        return "wrk" if self.wrk else "own driver (Python)"

    def load(self, port: int, feed: Feed, seconds: float, status: int, *, wrap: bool = False) -> Load:
        """Send a feed's requests until it or the time runs out; raise LoadError unless all were answered.

        `status` is what every answer must have. wrk tells good ones from bad only: what it cannot see is
        counted in the database afterwards.
        """
        if self.wrk:
            return self._load_by_wrk(self.wrk, port, feed, seconds, "wrap" if wrap else "once")
        return self._load_by_own(port, feed, seconds, "wrap" if wrap else "once", status)

    def flood(self, port: int, feed: Feed, seconds: float, pause_s: float) -> Flood:
        """Send a feed's requests, each connection one after such a pause, whatever is answered; by wrk only.

        Raises LoadError without wrk, and when a connection broke: a busy server says so.
        """
        if self.wrk is None:
            raise LoadError("a flood needs wrk")
        told = self._ask_wrk(self.wrk, port, feed, seconds, "once", pause_s)
        if told["broken"]:
            raise LoadError(f"{told['broken']} requests broke off, of {told['issued']}")
        return Flood(sum(told["issued"]), told["refused"], told["seconds"])

    def _ask_wrk(
        self, wrk: str, port: int, feed: Feed, seconds: float, wrap: str, pause_s: float = 0.0
    ) -> dict[str, Any]:
        script = str(files("loadtest").joinpath("feeding.lua"))
        tail_s = _TAIL_S + int(4 * pause_s)  # who pauses is asked later for the last time, and answered later
        lasting = f"-d{int(seconds + 0.999) + tail_s}s"
        shape = [f"-t{PARTS}", f"-c{self.connections}", lasting, "--timeout", "20s"]
        arguments = [str(seconds), wrap, str(round(pause_s * 1000)), *map(str, feed.parts)]
        command = [wrk, *shape, "-s", script, f"http://127.0.0.1:{port}/", "--", *arguments]
        return _last_line(_run(command, seconds))

    def _load_by_wrk(self, wrk: str, port: int, feed: Feed, seconds: float, wrap: str) -> Load:
        told = self._ask_wrk(wrk, port, feed, seconds, wrap)
        if told["refused"] or told["broken"]:
            raise LoadError(
                f"{told['refused']} requests were refused, {told['broken']} broke off, of {told['issued']}"
            )
        return Load(tuple(told["issued"]), told["seconds"], self.connections)

    def _load_by_own(self, port: int, feed: Feed, seconds: float, wrap: str, status: int) -> Load:
        each = self.connections // PARTS
        program = [sys.executable, "-m", "loadtest.driver", str(port), str(each), str(seconds), wrap]
        running = [
            subprocess.Popen([*program, str(part)], stdout=subprocess.PIPE, text=True)  # noqa: S603
            for part in feed.parts
        ]
        told = [_last_line(process.communicate(timeout=seconds + _SPARE_S)[0]) for process in running]
        statuses = [one["statuses"] for one in told]
        if any(set(one) - {str(status)} for one in statuses):
            raise LoadError(f"answers other than {status}: {statuses}")
        return Load(tuple(one["issued"] for one in told), max(one["seconds"] for one in told), each * PARTS)


def _run(command: list[str], seconds: float) -> str:
    done = subprocess.run(  # noqa: S603 - what is run was found or made here
        command, capture_output=True, text=True, timeout=seconds + _SPARE_S, check=False, env=os.environ
    )
    if done.returncode:
        raise LoadError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


def _last_line(output: str) -> dict[str, Any]:
    lines = output.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise LoadError(f"the driver told nothing: {output[-500:]!r}")
    told: dict[str, Any] = msgspec.json.decode(lines[-1])
    return told
