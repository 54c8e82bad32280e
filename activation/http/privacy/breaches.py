"""Who looked at whose data, for those who must tell the authority and the people (G7)."""

from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.privacy.telling_breaches import tell_exposed, tell_report
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.privacy import BreachQuestion
from activation.messages.reselling import parse
from activation.messages.subscriptions import moment_of
from activation.service.privacy.breaching import Exposed, Question, report_breach
from activation.service.working import Work

MOST: Final = 10_000
"""Rows in one answer; the command line writes all there are."""


async def post_breach_report(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Draw up a report of who looked at whose data (G7)."""
    rows: list[dict[str, object]] = []
    left_out = 0

    def take(one: Exposed) -> None:
        nonlocal left_out
        if len(rows) < MOST:
            rows.append(tell_exposed(one))
        else:
            left_out += 1

    report = await report_breach(work, question_of(parse(BreachQuestion, body)), take)
    if isinstance(report, Refused):
        return report
    return {**tell_report(report), "exposed": rows, "left_out": left_out}


def question_of(message: BreachQuestion) -> Question:
    """Return what a message asks. Raises MalformedError."""
    return Question(
        moment_of("since", message.since) or 0,
        moment_of("until", message.until) or 0,
        None if message.reader is UNSET else message.reader,
        None if message.person is UNSET else message.person,
        None if message.field is UNSET else message.field,
    )


ROUTES: Final = (
    ActRoute(
        "POST",
        "/v1/staff/privacy/breach-reports",
        Act.REPORT_BREACH,
        post_breach_report,
        takes=BreachQuestion,
    ),
)
