"""What is tried: the same question about who is known and who is not, in an order nobody could foresee."""

import random
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from asking import Line, Told, write_request
from comparing import Compared, compare

from loadtest.devices import make_device
from loadtest.server import PRODUCT

TRIES_EACH = 10
"""So often may a login be wrong before the answer is another (assurance.md, threats)."""
WRONG = "wrong-" + "x" * 18
Write = Callable[[int, str, dict[str, str]], bytes]
"""Writes a request: a number to vary it by, the login, and the headers that say from where."""


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{login}:{password}".encode()).decode()}


def write_activation(number: int, login: str, headers: dict[str, str]) -> bytes:
    message = {"product": PRODUCT, "version": "5.6.4", "device": make_device(number)}
    return write_request("/v1/activations", {**basic(login, WRONG), **headers}, message)


@dataclass
class Tally:
    """All that was told of those who are known and of those who are not."""

    took_us: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    told: dict[bool, set[tuple[object, ...]]] = field(default_factory=lambda: {True: set(), False: set()})

    def add(self, is_known: bool, told: Told) -> None:
        self.took_us[is_known].append(told.took_us)
        self.told[is_known].add((told.status, told.headers, told.body))

    @property
    def same_answers(self) -> bool:
        """Tell whether there was one answer, and the same for both."""
        return len(self.told[True]) == 1 and self.told[True] == self.told[False]

    def compared(self) -> Compared:
        """Compare the known with the unknown."""
        return compare(self.took_us[True], self.took_us[False])


def pairs(known: Sequence[str], unknown: Sequence[str], samples: int) -> Iterator[tuple[bool, str]]:
    """Return whom to ask about: as many of both, each as often, mixed by chance."""
    half = samples // 2
    both = [
        (is_known, names[n % len(names)])
        for is_known, names in ((True, known), (False, unknown))
        for n in range(half)
    ]
    random.shuffle(both)
    return iter(both)


def address(number: int) -> dict[str, str]:
    """Return the header by which our proxy says from where: every request from somewhere else."""
    return {"X-Forwarded-For": f"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}"}


def ask_all(line: Line, write: Write, asked: Iterator[tuple[bool, str]], first: int, tally: Tally) -> int:
    """Ask about each of them; return how many there were."""
    number = first
    for number, (is_known, login) in enumerate(asked, start=first + 1):
        tally.add(is_known, line.ask(write(number, login, address(number))))
    return number - first
