"""Staff on what people asked for: entered, verified, answered in writing, overdue ones first (G4)."""

from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.privacy.telling import KINDS, OUTCOMES, REGIMES, tell_request
from activation.licensing.identifiers import REQUEST
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import privacy as messages
from activation.messages.answers import Told
from activation.messages.reselling import parse
from activation.messages.strict import MalformedError
from activation.messages.subscriptions import moment_of
from activation.service.privacy.persons import account_named
from activation.service.privacy.requesting import (
    PAGE,
    Wanted,
    answer,
    ask_for,
    see_request,
    see_requests,
    verify,
)
from activation.service.working import Work

_WHOSE: Final = "Name whose it is: either account_id or login."


async def get_requests(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List requests of a state (open ones, if none is named), overdue ones first."""
    state = OUTCOMES.get(call.query.get("state", "open"))
    if state is None:
        raise MalformedError("state", f"It is one of {', '.join(OUTCOMES)}.")
    kept = await see_requests(work, state, id_of(REQUEST, call.query.get("after", "")))
    if isinstance(kept, Refused):
        return kept
    rows = [tell_request(one, work.now) for one in kept]
    return {"requests": rows, **({"next_after": rows[-1]["request_id"]} if len(rows) == PAGE else {})}


async def get_request(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell one request, and what is missing before it may be answered as done."""
    seen = await see_request(work, id_of(REQUEST, call.path["request_id"]))
    if isinstance(seen, Refused):
        return seen
    return {**tell_request(seen.kept, work.now), "missing": seen.missing or None}


async def post_request(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Enter a request that came by letter or mail."""
    message = parse(messages.EnteredRequest, body)
    if (message.account_id is UNSET) is (message.login is UNSET):
        raise MalformedError("login", _WHOSE)
    name = message.login if message.account_id is UNSET else message.account_id
    received_at = moment_of("received_at", message.received_at)
    wanted = Wanted(KINDS[message.kind], REGIMES[message.regime], message.how, received_at)
    kept = await ask_for(work, account_named(str(name)), wanted)
    return kept if isinstance(kept, Refused) else tell_request(kept, work.now)


async def post_verification(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Note how the identity of who asks was verified."""
    how = parse(messages.Verification, body).how
    kept = await verify(work, id_of(REQUEST, call.path["request_id"]), how)
    return kept if isinstance(kept, Refused) else tell_request(kept, work.now)


async def post_answer(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Answer a request in writing; the answer is kept and mailed."""
    message = parse(messages.Answer, body)
    kept = await answer(
        work, id_of(REQUEST, call.path["request_id"]), OUTCOMES[message.outcome], message.answer
    )
    return kept if isinstance(kept, Refused) else tell_request(kept, work.now)


_ALL: Final = "/v1/staff/privacy/requests"
ROUTES: Final = (
    ActRoute("GET", _ALL, Act.SEE_PRIVACY, get_requests),
    ActRoute("GET", f"{_ALL}/{{request_id}}", Act.SEE_PRIVACY, get_request),
    ActRoute("POST", _ALL, Act.ANSWER_PRIVACY, post_request, 201, takes=messages.EnteredRequest),
    ActRoute(
        "POST",
        f"{_ALL}/{{request_id}}/verify",
        Act.ANSWER_PRIVACY,
        post_verification,
        takes=messages.Verification,
    ),
    ActRoute("POST", f"{_ALL}/{{request_id}}/answer", Act.ANSWER_PRIVACY, post_answer, takes=messages.Answer),
)
