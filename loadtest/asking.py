"""One call of a Locust user: sent, checked to the last byte that matters, counted."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from activation.messages.answers import ActivationAnswer
from crypto.errors import CertificateError
from loadtest.loading import LoadError
from loadtest.proving import ANSWER, prove
from loadtest.requests import basic_of
from loadtest.seeded import Seeded
from loadtest.tally import CERTIFICATE, Tally

Checked = TypeVar("Checked")


class WrongAnswerError(Exception):
    """An answer that is not what the rules say; a failure for Locust."""


class Asking:
    """Sends calls by Locust's client. None comes back where an answer was not what it must be."""

    def __init__(
        self, client: Any, seeded: Seeded, roots: Sequence[bytes], tally: Tally, stop: type[Exception]
    ) -> None:
        """Take Locust's client, and what to raise instead of sending once the tally is closed."""
        self._client = client
        self._seeded = seeded
        self._roots = roots
        self._tally = tally
        self._stop = stop

    def certified(
        self, call: str, path: str, message: dict[str, Any], number: int | None, status: int
    ) -> ActivationAnswer | None:
        """Send what must be answered with a certificate, and verify it as a softphone does."""

        def check(found: int, body: bytes) -> ActivationAnswer:
            _expect(found, status, body)
            answer = ANSWER.decode(body)
            prove(answer, self._roots, self._seeded.product)
            self._tally.certificates += 1
            return answer

        return self._send(call, path, message, self._headers(number), check)

    def granted(self, call: str, path: str, message: dict[str, Any], number: int) -> dict[str, Any] | None:
        """Send what must be answered with 200."""

        def check(found: int, body: bytes) -> dict[str, Any]:
            _expect(found, 200, body)
            answer: dict[str, Any] = msgspec.json.decode(body)
            return answer

        return self._send(call, path, message, self._headers(number), check)

    def refused(
        self,
        call: str,
        path: str,
        message: dict[str, Any],
        number: int | None,
        expected: tuple[int, str],
        *,
        right_password: bool = True,
    ) -> dict[str, Any] | None:
        """Send what must be refused with this status and code."""

        def check(found: int, body: bytes) -> dict[str, Any]:
            _expect(found, expected[0], body)
            problem: dict[str, Any] = msgspec.json.decode(body)
            if problem.get("code") != expected[1]:
                raise WrongAnswerError(f"code {problem.get('code')} instead of {expected[1]}")
            return problem

        return self._send(call, path, message, self._headers(number, right_password), check)

    def _send(
        self,
        call: str,
        path: str,
        message: dict[str, Any],
        headers: dict[str, str],
        check: Callable[[int, bytes], Checked],
    ) -> Checked | None:
        if self._tally.closed:
            raise self._stop
        self._tally.sent += 1
        self._tally.under_way += 1
        body = msgspec.json.encode(message)
        with self._client.post(path, data=body, headers=headers, name=call, catch_response=True) as response:
            status = int(response.status_code or 0)
            self._tally.under_way -= 1
            self._tally.note(call, status)
            try:
                checked = check(status, response.content or b"")
            except (WrongAnswerError, LoadError, CertificateError, msgspec.MsgspecError) as wrong:
                what = CERTIFICATE if isinstance(wrong, CertificateError | LoadError) else ""
                self._tally.break_promise(f"{call}: {what}{wrong}"[:200])
                response.failure(str(wrong))
                return None
            response.success()
            return checked

    def _headers(self, number: int | None, right_password: bool = True) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if number is not None:
            password = self._seeded.password(number) if right_password else "a-wrong-one"
            headers["Authorization"] = "Basic " + basic_of(self._seeded.login(number), password)
        return headers


def _expect(found: int, status: int, body: bytes) -> None:
    if found != status:
        raise WrongAnswerError(f"status {found} instead of {status}: {body[:120]!r}")
