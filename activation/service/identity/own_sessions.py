"""One's own sessions: seen, listed, ended."""

from activation.licensing.events import EventKind
from activation.licensing.identifiers import SESSION, to_text
from activation.licensing.identity.sessions import PersonKind, WhyEnded, kind_of
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Caller, Desk
from activation.service.identity.entering import ANY_STAGE, Entered, in_session, telling_outages
from activation.service.identity.session_tokens import csrf_of
from activation.service.working import Work
from activation.storage.identity.identities import count_codes
from activation.storage.identity.sessions import (
    ListedSession,
    Session,
    end_session,
    end_sessions,
    list_sessions,
)

__all__ = [
    "ListedSession",
    "end_other_sessions",
    "end_own_session",
    "see_session",
    "see_sessions",
    "sign_out",
]

_NO_SESSION = "There is no such session."


@telling_outages
async def see_session(desk: Desk, caller: Caller, token: str) -> Entered | Refused:
    """Tell the session of a token, at whatever stage."""

    async def see(work: Work, session: Session) -> Entered | Refused:
        age = session.age
        desk.sign_ins.note_seen(session.session_id, age.seen_at, work.now)
        left = (
            None if age.kind is PersonKind.END_USER else await count_codes(work.connection, session.person_id)
        )
        return Entered(
            session.session_id,
            work.person,
            age.stage,
            csrf_of(token),
            age.ends_at,
            desk.sessions.idle_of(age.kind),
            session.stepped_up_at,
            codes_left=left,
        )

    return await in_session(desk, caller, token, ANY_STAGE, see)


@telling_outages
async def sign_out(desk: Desk, caller: Caller, token: str) -> Refused | None:
    """End the session of a token, at whatever stage."""

    async def end(work: Work, session: Session) -> None:
        await end_session(
            work.connection,
            session.age.kind,
            session.person_id,
            session.session_id,
            WhyEnded.SIGNED_OUT,
            work.now,
        )
        await work.tell(EventKind.SIGNED_OUT, session.person_id, "identity")

    return await in_session(desk, caller, token, ANY_STAGE, end)


async def see_sessions(work: Work) -> list[ListedSession]:
    """List one's own sessions that are not over, the newest first."""
    kind = kind_of(work.person.role)
    idle_since = work.now - work.desk.sessions.idle_of(kind)
    return await list_sessions(work.connection, kind, work.person.person_id, idle_since, work.now)


async def end_own_session(work: Work, session_id: int) -> Refused | None:
    """End one of one's own sessions, at once."""
    person = work.person
    kind = kind_of(person.role)
    is_own = session_id == person.session_id
    why = WhyEnded.SIGNED_OUT if is_own else WhyEnded.ENDED_FROM_ANOTHER
    if not await end_session(work.connection, kind, person.person_id, session_id, why, work.now):
        return Refused(Refusal.NOT_FOUND, "session", _NO_SESSION)
    told = {"session_id": to_text(SESSION, session_id)}
    await work.tell(EventKind.SESSIONS_ENDED, person.person_id, "identity", told)
    return None


async def end_other_sessions(work: Work) -> int:
    """End all of one's own sessions but the one that asks; return how many."""
    person = work.person
    ended = await end_sessions(
        work.connection,
        kind_of(person.role),
        person.person_id,
        WhyEnded.ENDED_FROM_ANOTHER,
        work.now,
        but=person.session_id,
    )
    if ended:
        await work.tell(EventKind.SESSIONS_ENDED, person.person_id, "identity", {"count": ended})
    return ended
