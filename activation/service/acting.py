"""Somebody who is signed in acts: known by a credential, allowed by the role, in one transaction, once.

With an Idempotency-Key the answer is kept in the same transaction, so that neither a crash nor a second
request at the same time can have it done twice.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import field, replace
from typing import Final

from activation.licensing.reselling.agreeing import refuse_newcomer
from activation.licensing.roles import BEFORE_ACCEPTING, Act, Role
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import refuse_wrong
from activation.service.desk import Caller, Desk
from activation.service.doors import CrowdedError
from activation.service.identity.identifying import (
    STEP_UP,
    SessionShown,
    Shown,
    account_shown,
    identify,
    refuse_act,
    subject_shown,
)
from activation.service.limiting.limits import spend_by
from activation.service.not_now import overloaded, unavailable
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.working import TRIES, Person, RefusedActError, Work
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Connection
from activation.storage.idempotency import claim, give_back, keep
from activation.storage.identity.people import become_oneself, become_tenant
from activation.storage.lending import RowRefusedError, lend
from activation.storage.reselling.terms import list_acceptances, list_terms
from crypto.boxes import BoxError, open_box, seal_box
from crypto.pepper import each_of

_TOO_MANY: Final = 429
_TEMPORARY: Final = 500
_RESETS: Final = frozenset({Act.RESET, Act.MINE_RESET})
_MISMATCH: Final = "This Idempotency-Key was used for another request."


@value
class Wanted:
    """What somebody wants to do: shown what credential, which act, and once under which key.

    `is_look`: only a page about it is asked for, which counts for no limit of how often it is done.
    """

    shown: Shown
    act: Act
    key: str | None = None
    request: bytes = b""
    is_look: bool = False


@value
class Answer:
    """An answer as it goes over the wire, so that it can be kept."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


Run = Callable[[Work], Awaitable[Answer | Refused]]
Tell = Callable[[Refused], Answer]


async def act(desk: Desk, caller: Caller, wanted: Wanted, run: Run, tell: Tell) -> Answer:
    """Do it, or say why not. `tell` writes a refusal."""
    limited = await _refuse_too_many(desk, caller, wanted)
    if limited is not None:
        return tell(limited)
    for _ in range(TRIES):
        try:
            done = await _try(desk, caller, wanted, run, tell)
        except RowRefusedError:
            continue  # lost a race for a row: what came first counts, decide again
        except DatabaseUnavailableError:
            break
        except CrowdedError:
            return tell(overloaded())
        if isinstance(done, Answer):
            return done
        if done.code is Refusal.CREDENTIALS and not isinstance(wanted.shown, SessionShown):
            done = await refuse_wrong(desk, caller, account_shown(wanted.shown), done.background)
        return tell(done)
    return tell(unavailable())


async def _refuse_too_many(desk: Desk, caller: Caller, wanted: Wanted) -> Refused | None:
    """Refuse one more of what is limited, before a connection is taken for it."""
    if wanted.is_look:
        return None
    if wanted.act in _RESETS:
        pair = desk.limits.resets
    elif wanted.act is Act.ACTIVATE_OFFLINE:
        pair = desk.limits.offline
    else:
        return None
    return await spend_by(desk, caller, subject_shown(desk, wanted.shown), pair)


async def _try(desk: Desk, caller: Caller, wanted: Wanted, run: Run, tell: Tell) -> Answer | Refused:
    async with lend(desk.pool) as connection, connection.transaction():
        now = await now_knowing_pepper(desk, connection)
        person = await identify(connection, desk, wanted.shown, now)
        if isinstance(person, Refused):
            return person
        forbidden = refuse_act(person, wanted.act, now)
        if forbidden is not None:
            return concerning(person, forbidden)
        refused = await _refuse_newcomer(connection, person, wanted.act, now)
        if refused is not None:
            return concerning(person, refused)
        work = Work(connection, desk, person, now, caller.trace_id, lambda: caller.address, wanted.act)
        if wanted.key is None:
            return (await _run(work, run, tell))[0]
        return await _run_once(work, wanted, run, tell)


def concerning(person: Person, refused: Refused) -> Refused:
    """Return a refusal that its trace will tell of as this person's."""
    background = refused.background
    if person.role is Role.END_USER:
        background = replace(background, account_id=person.person_id)
    else:
        background = replace(background, person_id=person.person_id)
    return replace(refused, background=background)


async def _refuse_newcomer(connection: Connection, person: Person, wanted: Act, now: int) -> Refused | None:
    """P1: until it accepted the terms in force, a reseller only sees and accepts them."""
    if person.reseller_id is None or wanted in BEFORE_ACCEPTING:
        return None
    accepted = [one.version for one in await list_acceptances(connection, person.reseller_id)]
    return refuse_newcomer(await list_terms(connection), accepted, now)


async def _run_once(work: Work, wanted: Wanted, run: Run, tell: Tell) -> Answer | Refused:
    request_hash = hashlib.blake2b(wanted.request, digest_size=16, person=b"idempotency").digest()
    key = wanted.key or ""
    kept = await claim(work.connection, work.person.person_id, key, request_hash, work.now)
    if kept is not None:
        if kept.request_hash != request_hash:
            return Refused(Refusal.IDEMPOTENCY_MISMATCH, "idempotency", _MISMATCH)
        return Answer(kept.status, kept.content_type, _open(work, key, kept.answer))
    answer, refused = await _run(work, run, tell)
    if _is_passing(answer, refused):
        await give_back(work.connection, work.person.person_id, key)
        return answer
    # Some answers show a generated password, this once (P2): nobody reads it in the database.
    sealed = seal_box(_box_key(work.desk.secrets.passwords, work.person.person_id, key), answer.body)
    await keep(work.connection, work.person.person_id, key, answer.status, answer.content_type, sealed)
    return answer


def _is_passing(answer: Answer, refused: Refused | None) -> bool:
    """Tell whether the same request may soon be answered otherwise: later, or after a code was shown."""
    if refused is not None and refused.rule == STEP_UP:
        return True
    return answer.status == _TOO_MANY or answer.status >= _TEMPORARY


def _open(work: Work, key: str, sealed: bytes) -> bytes:
    """Return a kept answer, which may have been sealed under an older pepper (D5)."""
    for secret in each_of(work.desk.secrets.passwords):
        with suppress(BoxError):
            return open_box(_box_key(secret, work.person.person_id, key), sealed)
    raise BoxError("a kept answer does not open")


def _box_key(secret: bytes, person_id: int, key: str) -> bytes:
    return hashlib.blake2b(
        f"{person_id} {key}".encode(), digest_size=32, key=secret, person=b"kept-answer"
    ).digest()


async def _run(work: Work, run: Run, tell: Tell) -> tuple[Answer, Refused | None]:
    """Run a use case; what it wrote before it refused is taken back. Return how it refused, too."""
    connection, person = work.connection, work.person
    try:
        async with connection.transaction():
            if person.reseller_id is not None:
                await become_tenant(connection, person.reseller_id)
            done = await run(work)
            if isinstance(done, Refused):
                raise RefusedActError(done)
            if person.reseller_id is not None:
                await become_oneself(connection)
            return done, None
    except RefusedActError as refused:
        return tell(concerning(person, refused.refused)), refused.refused
