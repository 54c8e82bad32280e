"""G4: what people ask for: entered, their identity verified, answered in writing, and told of when late."""

from dataclasses import replace
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import REQUEST, shard_of, to_text
from activation.licensing.privacy.deadlines import (
    WARNED_S,
    Asked,
    Outcome,
    Regime,
    Request,
    due_at,
    is_overdue,
    refuse_answer,
    refuse_received,
    refuse_verification,
)
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.identity.identifying import refuse_without_step_up
from activation.service.mailing.sealing import seal
from activation.service.privacy.persons import look_up
from activation.service.working import Work
from activation.storage.outgoing.mails import read_recipient
from activation.storage.privacy.requests import (
    KeptRequest,
    add_request,
    claim_urgent,
    list_requests,
    lock_request,
    mark_answered,
    mark_verified,
    read_deeds,
    requests_of,
    staff_with_address,
)

__all__ = [
    "KeptRequest",
    "RequestSeen",
    "Wanted",
    "answer",
    "ask",
    "ask_for",
    "see_of",
    "see_request",
    "see_requests",
    "tell_urgent",
    "verify",
]
PAGE: Final = 200
SIGNED_IN: Final = "signed in"
_BY_PASSWORD: Final = "the owner's password"  # noqa: S105  (how, not the thing)
_UNKNOWN: Final = "There is no such request."
_MOST_OPEN: Final = 20
_TOO_MANY: Final = "You have many open requests already. Wait for the answers."


@value
class Wanted:
    """What somebody asks for, under which law, how the request came (a letter of 3 May), and when (seconds).

    `received_at`: None while it comes. Deadlines count from then, whenever it is entered.
    """

    kind: Asked
    regime: Regime
    how: str
    received_at: int | None = None


@value
class RequestSeen:
    """A request, and what is missing before `done` may be answered: "" where nothing is, or it is closed."""

    kept: KeptRequest
    missing: str


async def ask(work: Work, kind: Asked, regime: Regime, note: str) -> KeptRequest | Refused:
    """Enter what an end user asks for: the owner's password, shown just now, verifies who it is.

    A session is not enough by itself: whoever stole its cookie could have the account erased.
    """
    refused = refuse_without_step_up(work.person, work.now)
    if refused is not None:
        return refused
    account_id = work.person.person_id
    waiting = [one for one in await requests_of(work.connection, account_id) if _is_open(one)]
    if len(waiting) >= _MOST_OPEN:
        return Refused(Refusal.CONFLICT, "G4", _TOO_MANY)
    how = f"{SIGNED_IN}: {note}" if note else SIGNED_IN
    return await _enter(work, account_id, Wanted(kind, regime, how), verified=True)


async def ask_for(work: Work, account_id: int, wanted: Wanted) -> KeptRequest | Refused:
    """Enter what came by letter or mail; who wrote it is yet to be verified."""
    refused = None if wanted.received_at is None else refuse_received(wanted.received_at, work.now)
    if refused is not None:
        return refused
    known = await look_up(work, account_id)
    return known if isinstance(known, Refused) else await _enter(work, account_id, wanted, verified=False)


async def verify(work: Work, request_id: int, how: str) -> KeptRequest | Refused:
    """Note that the identity of who asks was verified, by whom and how."""
    kept = await _find(work, request_id)
    if isinstance(kept, Refused):
        return kept
    refused = refuse_verification(kept.request, by_staff=work.person.is_staff)
    if refused is not None:
        return refused
    by = work.person.person_id or None
    await mark_verified(work.connection, request_id, work.now, by, how)
    await _tell(work, EventKind.PRIVACY_VERIFIED, kept.request)
    return replace(
        kept, request=replace(kept.request, verified_at=work.now), verified_by=by, verified_how=how
    )


async def answer(work: Work, request_id: int, outcome: Outcome, text: str) -> KeptRequest | Refused:
    """Answer a request: the written answer is kept, and mailed where an address is known still."""
    kept = await _find(work, request_id)
    if isinstance(kept, Refused):
        return kept
    request = kept.request
    deeds = await read_deeds(work.connection, request.account_id, request.asked_at)
    refused = refuse_answer(request, outcome, deeds)
    if refused is not None:
        return refused
    by = work.person.person_id or None
    await mark_answered(work.connection, request_id, work.now, by, outcome, text)
    await _tell(work, EventKind.PRIVACY_ANSWERED, request, outcome=outcome.name.lower())
    await _mail_answer(work, request, text)
    return replace(
        kept, request=replace(request, state=outcome), answered_at=work.now, answered_by=by, answer=text
    )


async def see_of(work: Work, account_id: int) -> list[KeptRequest]:
    """Return all that an account's person asked for, with the answers."""
    kept = await requests_of(work.connection, account_id)
    await work.look([account_id] if kept else [], ("requests",))
    return kept


async def see_request(work: Work, request_id: int) -> RequestSeen | Refused:
    """Show one request, and what its answer waits for."""
    kept = await _find(work, request_id)
    if isinstance(kept, Refused):
        return kept
    request = kept.request
    await work.look([request.account_id], ("requests",))
    deeds = await read_deeds(work.connection, request.account_id, request.asked_at)
    refused = refuse_answer(request, Outcome.DONE, deeds) if _is_open(kept) else None
    return RequestSeen(kept, refused.detail if refused is not None else "")


async def see_requests(
    work: Work, state: Outcome, after_id: int, limit: int = PAGE
) -> list[KeptRequest] | Refused:
    """Return a page of requests of a state behind that of `after_id` (0: all), overdue ones first."""
    after = (0, 0)
    if after_id:
        last = await _find(work, after_id)
        if isinstance(last, Refused):
            return last
        after = (last.request.due_at, after_id)
    kept = await list_requests(work.connection, state, after, limit)
    await work.look((one.request.account_id for one in kept), ("requests",))
    return kept


async def tell_urgent(work: Work) -> int:
    """Mail staff who answer requests of those that are overdue or nearly so, once of each.

    While nobody of them has an address nothing is noted as told.
    """
    readers = await staff_with_address(work.connection, ("admin", "support"))
    urgent = await claim_urgent(work.connection, work.now + WARNED_S, work.now) if readers else []
    if urgent:
        lines = [_line(one.request, work.now) for one in urgent]
        for staff_id in readers:
            await work.mail(staff_id, "privacy_urgent", {"requests": lines})
    return len(urgent)


async def _enter(work: Work, account_id: int, wanted: Wanted, *, verified: bool) -> KeptRequest:
    asked_at = work.now if wanted.received_at is None else wanted.received_at
    request = Request(
        work.new_id(shard_of(account_id)),
        account_id,
        wanted.kind,
        wanted.regime,
        Outcome.OPEN,
        asked_at,
        due_at(wanted.regime, asked_at, work.desk.week.zone),
        work.now if verified else None,
    )
    by = account_id if verified else None
    kept = KeptRequest(request, wanted.how, by, _BY_PASSWORD if verified else None)
    await add_request(work.connection, kept)
    await _tell(work, EventKind.PRIVACY_ASKED, request, regime=wanted.regime.name, verified=verified)
    return kept


async def _find(work: Work, request_id: int) -> KeptRequest | Refused:
    kept = await lock_request(work.connection, request_id)
    return Refused(Refusal.NOT_FOUND, "G4", _UNKNOWN) if kept is None else kept


async def _tell(work: Work, kind: EventKind, request: Request, **more: object) -> None:
    told = {"request": to_text(REQUEST, request.request_id), "asked": request.kind.name.lower(), **more}
    await work.tell(kind, request.account_id, "G4", told)


async def _mail_answer(work: Work, request: Request, text: str) -> None:
    recipient = await read_recipient(work.connection, request.account_id)
    if recipient.address:
        params = {"asked": _words(request.kind), "asked_at": request.asked_at}
        sealed = seal(work.desk.secrets.mail, {"answer": text})
        once = f"privacy_answered:{request.request_id}"
        await work.mail(request.account_id, "privacy_answered", {**params, "sealed": sealed}, once)


def _is_open(kept: KeptRequest) -> bool:
    return kept.request.state is Outcome.OPEN


def _words(kind: Asked) -> str:
    return {Asked.LIFTING: "lifting of the restriction"}.get(kind, kind.name.lower())


def _line(request: Request, now: int) -> str:
    days = abs(request.due_at - now) // 86_400
    late = f"overdue for {days} days" if is_overdue(request, now) else f"due in {days} days"
    return f"{to_text(REQUEST, request.request_id)}  {_words(request.kind)}, {late}"
