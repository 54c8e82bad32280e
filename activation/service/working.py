"""How somebody who is signed in acts: known by a token, allowed by the role, in one transaction, once.

A use case gets a `Work` and answers with a value or a refusal; a refusal leaves nothing written. With an
Idempotency-Key the answer is kept in the same transaction, so that neither a crash nor a second request at
the same time can have it done twice.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import nacl.secret

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.reselling.agreeing import refuse_newcomer
from activation.licensing.roles import BEFORE_ACCEPTING, Act, Role, may
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import refuse_wrong, unavailable
from activation.service.credentials import hash_token
from activation.service.desk import Caller, Desk
from activation.service.ids import new_trace_id
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.accounts import add_events
from activation.storage.connection import Connection
from activation.storage.idempotency import claim, give_back, keep
from activation.storage.lending import RowRefusedError, lend
from activation.storage.outbox import write_hook_message, write_mail
from activation.storage.people import TokenHolder, become_oneself, become_tenant, find_token_holder
from activation.storage.terms import list_acceptances, list_terms

TRIES: Final = 8
_TOO_MANY: Final = 429
_TEMPORARY: Final = 500
_MISMATCH: Final = "This Idempotency-Key was used for another request."
_FORBIDDEN: Final = "The role {} may not do this."


@value
class Person:
    """Who acts: one of the licensor's staff, or a reseller's user."""

    person_id: int
    login: str
    role: Role
    reseller_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Tell whether this is the licensor's staff."""
        return self.reseller_id is None

    @property
    def actor(self) -> Actor:
        """Return as whom the log names this person."""
        if self.person_id == 0:
            return Actor.SYSTEM
        return Actor.STAFF if self.is_staff else Actor.RESELLER


SYSTEM: Final = Person(0, "system", Role.ADMIN)
"""Whoever works on this machine itself: the command line, and jobs that run by themselves."""


@dataclass(slots=True)
class Work:
    """One act under way: its transaction, who acts, when."""

    connection: Connection
    desk: Desk
    person: Person
    now: int
    trace_id: str
    address: Callable[[], str]

    def new_id(self, shard: int = 0) -> int:
        """Return a new id in a shard; resellers, orders and staff are in shard 0."""
        return self.desk.ids.new(shard)

    async def tell(
        self, kind: EventKind, about: int, rule: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Append an event: who did what, by which rule. Never a name, an e-mail or a serial in `details`."""
        await add_events(self.connection, [self.event(kind, about, rule, details)])

    def event(
        self, kind: EventKind, about: int, rule: str, details: Mapping[str, Any] | None = None
    ) -> Event:
        """Return the event that `tell` would append, for who appends many at once."""
        return Event(
            about,
            self.new_id(about >> 55),
            kind,
            self.person.actor,
            rule,
            self.trace_id,
            self.person.person_id or None,
            None,
            json.dumps(details) if details else None,
        )

    async def mail(
        self, subject: int, template: str, params: Mapping[str, Any], once_key: str | None = None
    ) -> None:
        """Write a mail to an account, a reseller or a person of staff; it leaves after the commit."""
        await write_mail(self.connection, self.new_id(), subject, template, params, self.now, once_key)

    async def hook(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Write a message to the vendor's webhooks that listen to this kind."""
        await write_hook_message(self.connection, self.new_id(), kind, payload, self.now)


Done = TypeVar("Done")


async def act_as_system(
    desk: Desk, run: Callable[[Work], Awaitable[Done | Refused]], trace_id: str = ""
) -> Done | Refused:
    """Run a use case as the system itself, in one transaction; a refusal leaves nothing written.

    What lost a race for a row is decided again. Raises DatabaseUnavailableError.
    """
    for _ in range(TRIES):
        try:
            async with lend(desk.pool) as connection, connection.transaction():
                now = await desk.clock.now(connection)
                trace = trace_id or new_trace_id()
                done = await run(Work(connection, desk, SYSTEM, now, trace, lambda: "local"))
                if isinstance(done, Refused):
                    raise _RefusedError(done)
                return done
        except _RefusedError as refused:
            return refused.refused
        except RowRefusedError:
            continue
    return unavailable()


@value
class Wanted:
    """What somebody wants to do: with which token, which act, and once under which key."""

    token: str
    act: Act
    key: str | None = None
    request: bytes = b""


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
    for _ in range(TRIES):
        try:
            done = await _try(desk, caller, wanted, run, tell)
        except RowRefusedError:
            continue  # lost a race for a row: what came first counts, decide again
        except DatabaseUnavailableError:
            break
        if isinstance(done, Answer):
            return done
        if done.code is Refusal.CREDENTIALS:
            done = await refuse_wrong(desk, caller, None)
        return tell(done)
    return tell(unavailable())


async def _try(desk: Desk, caller: Caller, wanted: Wanted, run: Run, tell: Tell) -> Answer | Refused:
    async with lend(desk.pool) as connection, connection.transaction():
        now = await desk.clock.now(connection)
        holder = await find_token_holder(connection, hash_token(desk.secrets.passwords, wanted.token), now)
        if holder is None:
            return Refused(Refusal.CREDENTIALS, "credentials", "")
        person = _person(holder)
        if not may(person.role, wanted.act):
            return Refused(Refusal.FORBIDDEN, "roles", _FORBIDDEN.format(person.role))
        refused = await _refuse_newcomer(connection, person, wanted.act, now)
        if refused is not None:
            return refused
        work = Work(connection, desk, person, now, caller.trace_id, lambda: caller.address)
        if wanted.key is None:
            return await _run(work, run, tell)
        return await _run_once(work, wanted, run, tell)


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
        return Answer(kept.status, kept.content_type, _box(work, key).decrypt(kept.answer))
    answer = await _run(work, run, tell)
    if answer.status == _TOO_MANY or answer.status >= _TEMPORARY:
        await give_back(work.connection, work.person.person_id, key)
        return answer
    # Some answers show a generated password, this once (P2): nobody reads it in the database.
    sealed = bytes(_box(work, key).encrypt(answer.body))
    await keep(work.connection, work.person.person_id, key, answer.status, answer.content_type, sealed)
    return answer


def _box(work: Work, key: str) -> nacl.secret.SecretBox:
    secret = work.desk.secrets.passwords
    name = f"{work.person.person_id} {key}".encode()
    return nacl.secret.SecretBox(
        hashlib.blake2b(name, digest_size=32, key=secret, person=b"kept-answer").digest()
    )


class _RefusedError(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


async def _run(work: Work, run: Run, tell: Tell) -> Answer:
    """Run a use case; what it wrote before it refused is taken back."""
    connection, person = work.connection, work.person
    try:
        async with connection.transaction():
            if person.reseller_id is not None:
                await become_tenant(connection, person.reseller_id)
            done = await run(work)
            if isinstance(done, Refused):
                raise _RefusedError(done)
            if person.reseller_id is not None:
                await become_oneself(connection)
            return done
    except _RefusedError as refused:
        return tell(refused.refused)


def _person(holder: TokenHolder) -> Person:
    return Person(holder.person_id, holder.login, Role(holder.role), holder.reseller_id)
