"""What Locust's users saw, counted: every call sent, every answer that was expected or not."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

CERTIFICATE: Final = "certificate: "
"""Stands in the text of a promise that a certificate broke."""


@dataclass(slots=True)
class Tally:
    """Calls sent, answers by call and status, certificates verified, and what broke a promise."""

    sent: int = 0
    answered: int = 0
    under_way: int = 0
    closed: bool = False
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    certificates: int = 0
    broken: dict[str, int] = field(default_factory=dict)

    def note(self, call: str, status: int) -> None:
        """Count one answer; status 0 means that none came."""
        if status:
            self.answered += 1
        by_status = self.statuses.setdefault(call, {})
        by_status[status] = by_status.get(status, 0) + 1

    def break_promise(self, what: str) -> None:
        """Count an answer that was not what it must be."""
        self.broken[what] = self.broken.get(what, 0) + 1

    def total(self, status: int) -> int:
        """Return how many answers of any call had this status."""
        return sum(by_status.get(status, 0) for by_status in self.statuses.values())


def write_tally(tally: Tally, path: Path) -> None:
    """Keep a tally for `run`."""
    path.write_bytes(msgspec.json.encode(tally))


def load_tally(path: Path) -> Tally:
    """Read what the users kept."""
    return msgspec.json.decode(path.read_bytes(), type=Tally)
