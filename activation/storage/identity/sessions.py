"""Sessions, known by the hash of their token: whose, how far they came, until when."""

from collections.abc import Mapping
from dataclasses import field

from activation.licensing.identity.sessions import PersonKind, SessionAge, Stage, WhyEnded
from activation.licensing.values import value
from activation.storage.connection import Connection
from activation.storage.statements import statement


@value
class NewSession:
    """A session to store."""

    session_id: int
    token_hash: bytes = field(repr=False)
    kind: PersonKind
    person_id: int
    stage: Stage
    made_at: int
    ends_at: int
    stepped_up_at: int | None
    address: str
    browser: str


@value
class Session:
    """A session and who it is."""

    session_id: int
    person_id: int
    made_at: int
    age: SessionAge
    stepped_up_at: int | None
    login: str
    role: str
    reseller_id: int | None


@value
class ListedSession:
    """A session as its owner sees it."""

    session_id: int
    made_at: int
    seen_at: int
    ends_at: int
    address: str
    browser: str


async def add_session(connection: Connection, new: NewSession) -> None:
    """Store a new session."""
    await connection.execute(
        "INSERT INTO session (session_id, token_hash, person_kind, person_id, stage, made_at, seen_at,"
        " ends_at, stepped_up_at, address, browser) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10)",
        new.session_id,
        new.token_hash,
        new.kind,
        new.person_id,
        new.stage,
        new.made_at,
        new.ends_at,
        new.stepped_up_at,
        new.address,
        new.browser,
    )


async def keep_newest(
    connection: Connection,
    kind: PersonKind,
    person_id: int,
    count: int,
    now: int,
    *,
    idle_since: int,
    new: int,
) -> None:
    """Delete somebody's sessions but `count`: first those that are over or unfinished, then the oldest.

    The `new` one stays in any case: who has as many as that signs in all the same.
    """
    await connection.execute(
        "DELETE FROM session WHERE session_id IN (SELECT session_id FROM session"
        " WHERE person_kind = $1 AND person_id = $2"
        " ORDER BY session_id = $6 DESC,"
        " stage = 3 AND ended_at IS NULL AND ends_at > $4 AND seen_at > $5 DESC,"
        " made_at DESC, session_id DESC OFFSET $3)",
        kind,
        person_id,
        count,
        now,
        idle_since,
        new,
    )


async def find_session(connection: Connection, token_hash: bytes, *, lock: bool = False) -> Session | None:
    """Return the session with this token, if its person may still act; held if `lock` is set."""
    row = await connection.fetchrow(
        statement("find_session") + (" FOR UPDATE OF s" if lock else ""), token_hash
    )
    if row is None:
        return None
    age = SessionAge(PersonKind(row[1]), Stage(row[3]), row[5], row[6], row[7])
    return Session(row[0], row[2], row[4], age, *row[8:])


async def note_seen_many(connection: Connection, seen: Mapping[int, int]) -> None:
    """Write when sessions (by id) were last used; never backwards."""
    await connection.execute(
        "UPDATE session AS s SET seen_at = seen.at"
        " FROM unnest($1::bigint[], $2::bigint[]) AS seen (session_id, at)"
        " WHERE s.session_id = seen.session_id AND s.seen_at < seen.at",
        list(seen),
        list(seen.values()),
    )


async def advance_session(
    connection: Connection,
    session_id: int,
    token_hash: bytes,
    ends_at: int,
    stepped_up_at: int | None,
    now: int,
) -> None:
    """Write that a session is signed in, under a new token in place of the one before."""
    await connection.execute(
        "UPDATE session SET token_hash = $2, stage = $3, ends_at = $4, seen_at = $5, stepped_up_at = $6"
        " WHERE session_id = $1",
        session_id,
        token_hash,
        Stage.SIGNED_IN,
        ends_at,
        now,
        stepped_up_at,
    )


async def list_sessions(
    connection: Connection, kind: PersonKind, person_id: int, idle_since: int, now: int
) -> list[ListedSession]:
    """Return somebody's sessions that are not over, the newest first; idle ones not seen since are."""
    rows = await connection.fetch(
        "SELECT session_id, made_at, seen_at, ends_at, address, browser FROM session"
        " WHERE person_kind = $1 AND person_id = $2 AND ended_at IS NULL AND ends_at > $4 AND seen_at > $3"
        " AND stage = 3 ORDER BY made_at DESC, session_id DESC",
        kind,
        person_id,
        idle_since,
        now,
    )
    return [ListedSession(*row) for row in rows]


async def end_session(
    connection: Connection, kind: PersonKind, person_id: int, session_id: int, why: WhyEnded, now: int
) -> bool:
    """End one of somebody's sessions; tell whether it was there and had not ended."""
    ended = await connection.fetchval(
        "UPDATE session SET ended_at = $5, ended_why = $4 WHERE session_id = $3 AND person_kind = $1"
        " AND person_id = $2 AND ended_at IS NULL RETURNING true",
        kind,
        person_id,
        session_id,
        why,
        now,
    )
    return ended is not None


async def end_sessions(
    connection: Connection,
    kind: PersonKind,
    person_id: int,
    why: WhyEnded,
    now: int,
    *,
    but: int | None = None,
) -> int:
    """End all of somebody's sessions, `but` one; return how many were ended that had some time left."""
    return len(
        await connection.fetch(
            "UPDATE session SET ended_at = $4, ended_why = $3 WHERE person_kind = $1 AND person_id = $2"
            " AND ended_at IS NULL AND ends_at > $4 AND session_id IS DISTINCT FROM $5 RETURNING 1",
            kind,
            person_id,
            why,
            now,
            but,
        )
    )
