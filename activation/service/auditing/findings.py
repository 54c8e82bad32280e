"""What checking the seals found, in words for whoever must look into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from activation.licensing.values import value
from activation.storage.auditing.seals import Rewritten
from crypto.seals import Seal

MOST: Final = 1000
"""How many problems are kept in words; the rest is counted."""


@value
class Problem:
    """Something that does not hold: in which seal, None where it is in none, and what."""

    seal: int | None
    what: str


@dataclass(slots=True)
class Findings:
    """How many seals and events were looked at, what is wrong, and what else is worth knowing."""

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    unsealed_s: int = 0
    addresses: int = 0
    checkpoints: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.problem_count == 0

    def add(self, seal: int | None, what: str) -> None:
        """Note something that does not hold."""
        self.problem_count += 1
        if len(self.problems) < MOST:
            self.problems.append(Problem(seal, what))


def tell_difference(seal: Seal, found: int, rewritten: Sequence[Rewritten]) -> str:
    """Say how a seal's events differ from what was sealed, and name the first that another hand wrote."""
    if found < seal.events:
        what = f"{seal.events - found} of its {seal.events} events are missing"
    elif found > seal.events:
        what = f"{found - seal.events} events were added to its {seal.events}"
    else:
        what = "an event is not what it was when it was sealed"
    if rewritten and len(rewritten) < found:
        first = rewritten[0]
        at = first.happened.astimezone(UTC).isoformat(timespec="seconds")
        what += (
            f"; written afterwards, by transaction {first.written_by}: event {first.event_id} about"
            f" {first.about}, said to be of {at}, trace {first.trace_id}"
        )
    return what
