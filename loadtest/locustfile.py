"""Locust's users: softphones as they are, mostly renewing, now and then new, moved, mistaken or refused.

What `asking` does for every call: status, code and certificate are checked, and counted. `run` starts this
and says in the environment which accounts there are.
"""

import itertools
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from locust import FastHttpUser, between, events, task
from locust.exception import StopUser

from activation.messages.answers import ActivationAnswer
from crypto import base64url
from loadtest.asking import Asking
from loadtest.devices import make_device
from loadtest.requests import ACTIVATIONS, RENEWALS, RESETS, activation_body
from loadtest.seeded import load_seeded
from loadtest.tally import Tally, write_tally

SEEDED: Final = load_seeded(Path(os.environ["LOADTEST_SEEDED"]))
ROOTS: Final = tuple(base64url.decode(root) for root in os.environ["LOADTEST_ROOTS"].split(","))
TALLY: Final = Tally()
WRONG_EVERY_S: Final = 0.2
"""Wrong passwords come no more often: from one address, ten a second are too many (429)."""

LAST_ANSWER_S: Final = 20.0

_numbers = itertools.count()
_chance = random.Random(5)  # noqa: S311 - a mix of calls, no secret


def _keep_tally(**_kwargs: Any) -> None:
    write_tally(TALLY, Path(os.environ["LOADTEST_TALLY"]))


def _await_answers(**_kwargs: Any) -> None:
    """Have nothing sent any more and all answers come in: Locust cuts off users that it takes for idle."""
    TALLY.closed = True
    deadline = time.monotonic() + LAST_ANSWER_S
    while TALLY.under_way and time.monotonic() < deadline:
        time.sleep(0.05)  # Locust has made this gevent's: the users go on


events.test_stopping.add_listener(_await_answers)  # type: ignore[no-untyped-call]
events.quit.add_listener(_keep_tally)  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Phone:
    """A softphone with a licence: its account, its device, what it was told last."""

    number: int
    which: int
    answer: ActivationAnswer
    moved: bool = False


class Softphones(FastHttpUser):
    """Some softphones of some accounts, which belong to this user alone."""

    wait_time = between(0.02, 0.12)

    def on_start(self) -> None:
        """Begin with one softphone."""
        self.asking = Asking(self.client, SEEDED, ROOTS, TALLY, StopUser)
        self.phones: list[Phone] = []
        self.activate_first()

    @task(50)
    def renew(self) -> None:
        """Renew: what softphones do most."""
        phone = self._some()
        shown = {"certificate": phone.answer.certificate, "device": make_device(phone.number, phone.which)}
        phone.answer = self.asking.certified("renewal", RENEWALS, shown, None, 200) or phone.answer

    @task(25)
    def activate_again(self) -> None:
        """Activate on the device that has the licence already: the same activation again."""
        phone = self._some()
        self._activate("same device", phone.number, phone.which, 200)

    @task(15)
    def activate_first(self) -> None:
        """Activate a licence that was never used, as long as there are any."""
        number = next(_numbers)
        if number < SEEDED.accounts:
            answer = self._activate("first activation", number, 0, 201)
            if answer is not None:
                self.phones.append(Phone(number, 0, answer))

    @task(5)
    def activate_elsewhere(self) -> None:
        """Try a licence that another device holds."""
        phone = self._some()
        body = activation_body(SEEDED, phone.number, phone.which + 1)
        self.asking.refused("wrong device", ACTIVATIONS, body, phone.number, (409, "device_limit"))

    @task(3)
    def move(self) -> None:
        """Reset, activate the next device, show the old certificate, and try a second reset in the week."""
        phone = self._some()
        reset = {"license_id": phone.answer.license_id}
        if not phone.moved:
            phone.moved = True
            self.phones.remove(phone)
            if self.asking.granted("reset", RESETS, reset, phone.number) is None:
                return
            self._settle_elsewhere(phone)
        self.asking.refused("second reset", RESETS, reset, phone.number, (409, "reset_limit"))

    @task(2)
    def mistype(self) -> None:
        """Type a wrong password, unless somebody just did."""
        number = self._some().number
        if time.monotonic() >= Softphones.wrong_after:
            Softphones.wrong_after = time.monotonic() + WRONG_EVERY_S
            body = activation_body(SEEDED, number)
            self.asking.refused(
                "wrong password", ACTIVATIONS, body, number, (401, "credentials"), right_password=False
            )

    wrong_after = 0.0

    def _settle_elsewhere(self, phone: Phone) -> None:
        shown = {"certificate": phone.answer.certificate, "device": make_device(phone.number, phone.which)}
        answer = self._activate("moved device", phone.number, phone.which + 1, 201)
        if answer is not None:
            self.phones.append(Phone(phone.number, phone.which + 1, answer, moved=True))
        self.asking.refused("old certificate", RENEWALS, shown, None, (409, "superseded"))

    def _activate(self, call: str, number: int, which: int, status: int) -> ActivationAnswer | None:
        body = activation_body(SEEDED, number, which)
        return self.asking.certified(call, ACTIVATIONS, body, number, status)

    def _some(self) -> Phone:
        if not self.phones:
            self.activate_first()
        if not self.phones:
            raise StopUser  # no licence is left, or the server does not answer
        return _chance.choice(self.phones)
