"""What is tried: the same question about who is known and who is not, in an order nobody could foresee."""

import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from asking import Line, Told, write_request
from comparing import Compared, compare

from loadtest.devices import make_device
from loadtest.server import PRODUCT

PROBE = b"GET /v1/keys HTTP/1.1\r\nHost: localhost\r\n\r\n"
WRONG = "wrong-" + "x" * 18
Write = Callable[[int, str, dict[str, str]], bytes]
"""Writes a request: a number to vary it by, the login, and the headers that say from where."""


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{login}:{password}".encode()).decode()}


def write_activation(number: int, login: str, headers: dict[str, str]) -> bytes:
    message = {"product": PRODUCT, "version": "5.6.4", "device": make_device(number)}
    return write_request("/v1/activations", {**basic(login, WRONG), **headers}, message)


def write_sign_in(_number: int, login: str, headers: dict[str, str]) -> bytes:
    return write_request("/v1/self/sign-in", headers, {"login": login, "password": WRONG})


def write_link(_number: int, login: str, headers: dict[str, str]) -> bytes:
    return write_request("/v1/self/password-links", headers, {"login_or_email": login})


@dataclass(frozen=True)
class Question:
    """One way to ask: so often may one login be asked about before the answer is another (assurance.md).

    `pause_s` lets the server finish what it does after an answer: else its queue fills, and it says so. With
    `probes`, what counts is how long so many other requests take that come right after the answer.
    """

    write: Write
    tries_each: int
    status: int
    pause_s: float = 0.0
    probes: int = 0

    def ask(self, line: Line, request: bytes) -> Told:
        """Ask; return what was told, and how long it took, or what came after it."""
        told = line.ask(request)
        return told if not self.probes else replace(told, took_us=sum(self._probe(line)))

    def _probe(self, line: Line) -> Iterator[float]:
        return (line.ask(PROBE).took_us for _ in range(self.probes))


QUESTIONS = {
    "activation": Question(write_activation, 10, 401),
    "sign-in": Question(write_sign_in, 10, 401),
    "staff-sign-in": Question(write_sign_in, 10, 401),
    "link": Question(write_link, 3, 202, pause_s=0.02),
    "after-link": Question(write_link, 3, 202, pause_s=0.02, probes=8),
}


@dataclass
class Tally:
    """All that was told of those who are known and of those who are not."""

    took_us: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    told: dict[bool, set[tuple[object, ...]]] = field(default_factory=lambda: {True: set(), False: set()})

    def add(self, is_known: bool, told: Told) -> None:
        self.took_us[is_known].append(told.took_us)
        self.told[is_known].add((told.status, told.headers, told.body))

    def same_answers(self, status: int) -> bool:
        """Tell whether there was one answer, of this status, and the same for both."""
        return len(self.told[True] | self.told[False]) == 1 and {one[0] for one in self.told[True]} == {
            status
        }

    def compared(self) -> Compared:
        """Compare the known with the unknown."""
        return compare(self.took_us[True], self.took_us[False])


def mix(known: Sequence[str], unknown: Sequence[str], samples: int) -> Iterator[tuple[bool, str]]:
    """Return whom to ask about: as many of both, each as often, mixed by chance."""
    both = [(True, known[n % len(known)]) for n in range(samples // 2)]
    both += [(False, unknown[n % len(unknown)]) for n in range(samples - samples // 2)]
    random.shuffle(both)
    return iter(both)


def address(number: int) -> dict[str, str]:
    """Return the header by which our proxy says from where: every request from somewhere else."""
    return {"X-Forwarded-For": f"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}"}


def ask_all(
    line: Line, question: Question, asked: Iterator[tuple[bool, str]], first: int, tally: Tally
) -> int:
    """Ask about each of them, the first as number `first`; return the number after the last."""
    for is_known, login in asked:
        tally.add(is_known, question.ask(line, question.write(first, login, address(first))))
        first += 1
        if question.pause_s:
            time.sleep(question.pause_s)
    return first
