"""Inside somebody's session, at whatever stage: found by its token, held while something is done in it."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import field
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from activation.licensing.identity.sessions import Stage, ends_at, is_over
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Caller, Desk
from activation.service.doors import CrowdedError
from activation.service.identity.identifying import SESSION_ENDED, find_session_of, person_in
from activation.service.identity.session_tokens import csrf_of, hash_session_token, new_session_token
from activation.service.not_now import overloaded, unavailable
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.working import Person, RefusedActError, Work
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.identity.sessions import Session, advance_session
from activation.storage.lending import lend

_OTHER_STAGE: Final = "This is not what this session waits for."
ANY_STAGE: Final = frozenset(Stage)
SIGNED_IN: Final = frozenset({Stage.SIGNED_IN})

Done = TypeVar("Done")
Given = ParamSpec("Given")


@value
class Entered:
    """A session as its owner is told of it; the token is None where it stays as it is."""

    session_id: int
    person: Person
    stage: Stage
    csrf: str = field(repr=False)
    ends_at: int
    idle_s: int
    stepped_up_at: int | None = None
    token: str | None = field(repr=False, default=None)
    codes: tuple[str, ...] = field(repr=False, default=())
    codes_left: int | None = None


def refuse_ended() -> Refused:
    """Return the refusal of a session that is over, or was never there."""
    return Refused(Refusal.CREDENTIALS, "session", SESSION_ENDED)


def telling_outages(
    run: Callable[Given, Awaitable[Done | Refused]],
) -> Callable[Given, Coroutine[Any, Any, Done | Refused]]:
    """Have a use case answer that it is too busy, or the database away, instead of raising."""

    @wraps(run)
    async def answer(*args: Given.args, **kwargs: Given.kwargs) -> Done | Refused:
        try:
            return await run(*args, **kwargs)
        except CrowdedError:
            return overloaded()
        except DatabaseUnavailableError:
            return unavailable()

    return answer


async def peek_session(desk: Desk, token: str) -> Session | None:
    """Return the session of a token, if it is not over, or None. Raises DatabaseUnavailableError."""
    async with lend(desk.pool) as connection:
        now = await now_knowing_pepper(desk, connection)
        session = await find_session_of(connection, desk, token)
    return None if session is None or is_over(session.age, desk.sessions, now) else session


async def in_session(
    desk: Desk,
    caller: Caller,
    token: str,
    stages: frozenset[Stage],
    run: Callable[[Work, Session], Awaitable[Done | Refused]],
) -> Done | Refused:
    """Do something in the session of a token, in one transaction; a refusal leaves nothing written.

    Raises DatabaseUnavailableError.
    """
    try:
        async with lend(desk.pool) as connection, connection.transaction():
            now = await now_knowing_pepper(desk, connection)
            session = await find_session_of(connection, desk, token, lock=True)
            if session is None or is_over(session.age, desk.sessions, now):
                return refuse_ended()
            if session.age.stage not in stages:
                return Refused(Refusal.CONFLICT, "session", _OTHER_STAGE)
            work = Work(
                connection,
                desk,
                person_in(session),
                now,
                caller.trace_id,
                lambda: caller.address,
                Act.SELF,
            )
            done = await run(work, session)
            if isinstance(done, Refused):
                raise RefusedActError(done)
            return done
    except RefusedActError as refused:
        return refused.refused


async def advance(
    work: Work, session: Session, codes: Sequence[str] = (), *, with_factor: bool = True
) -> Entered:
    """Bring a session to its last stage, or on in it, under a new token; recovery codes are told along.

    `with_factor` tells whether a second factor was shown for it just now.
    """
    desk, kind = work.desk, session.age.kind
    stepped_up_at = work.now if with_factor else session.stepped_up_at
    token = new_session_token()
    until = session.age.ends_at
    if session.age.stage is not Stage.SIGNED_IN:
        until = ends_at(kind, Stage.SIGNED_IN, desk.sessions, work.now)
    token_hash = hash_session_token(desk.secrets.passwords, token)
    await advance_session(work.connection, session.session_id, token_hash, until, stepped_up_at, work.now)
    return Entered(
        session.session_id,
        work.person,
        Stage.SIGNED_IN,
        csrf_of(token),
        until,
        desk.sessions.idle_of(kind),
        stepped_up_at,
        token,
        tuple(codes),
    )
