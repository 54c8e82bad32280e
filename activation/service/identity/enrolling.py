"""Setting up a second factor: its secret is shown, a code of it proves that it works, then it counts.

Between the two steps nothing is stored: what was shown comes back sealed, for the same person, within ten
minutes. So a factor that is being replaced counts until the new one works.
"""

import json
from dataclasses import field
from typing import Any, Final

from activation.licensing.events import EventKind
from activation.licensing.identity.sessions import PersonKind, Stage, WhyEnded
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Caller, Desk
from activation.service.identity.entering import (
    Entered,
    advance,
    in_session,
    peek_session,
    telling_outages,
)
from activation.service.identity.factors import (
    hash_codes,
    new_recovery_codes,
    new_totp_secret,
    seal_totp,
    step_of,
    uri_of,
)
from activation.service.identity.identifying import refuse_without_step_up
from activation.service.identity.second_factor import refuse_guessing, wrong_code
from activation.service.working import Work
from activation.storage.identity.identities import lock_proofs, replace_codes, write_factor
from activation.storage.identity.sessions import Session, end_sessions
from crypto import base64url
from crypto.boxes import open_box

PENDING_S: Final = 600
_STAGES: Final = frozenset({Stage.FACTOR_MISSING, Stage.SIGNED_IN})
_NONE: Final = "End users have no second factor."
_SET_UP: Final = "A second factor was set up meanwhile. Sign in again, and show it."
_STALE: Final = "This took too long, or began elsewhere. Begin again."


@value
class Offered:
    """A second factor to be: for the phone, and sealed for the answer that confirms it."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    pending: str = field(repr=False)


@telling_outages
async def offer_factor(desk: Desk, caller: Caller, token: str) -> Offered | Refused:
    """Draw a new second factor for who has none yet, or showed the one they have shortly before."""

    async def offer(work: Work, session: Session) -> Offered | Refused:
        refused = _refuse(work, session)
        if refused is not None:
            return refused
        secret = new_totp_secret()
        content = {"person": session.person_id, "secret": secret, "at": work.now}
        pending = base64url.encode(seal_totp(desk.secrets.totp, json.dumps(content)))
        return Offered(secret, uri_of(secret, session.login, desk.issuer), pending)

    return await in_session(desk, caller, token, _STAGES, offer)


@telling_outages
async def confirm_factor(
    desk: Desk, caller: Caller, token: str, pending: str, code: str
) -> Entered | Refused:
    """Take the offered factor, which `code` proves to work; new recovery codes are shown this once.

    All other sessions end.
    """
    seen = await peek_session(desk, token)
    limited = await refuse_guessing(desk, seen.person_id) if seen is not None else None
    if limited is not None:
        return limited

    async def confirm(work: Work, session: Session) -> Entered | Refused:
        refused = _refuse(work, session) or await _refuse_second(work, session)
        if refused is not None:
            return refused
        secret = _open(work, session, pending)
        if secret is None:
            return Refused(Refusal.CONFLICT, "enrolment", _STALE)
        step = step_of(secret, code, work.now)
        if step is None:
            return wrong_code()
        return await _take(work, session, secret, step)

    return await in_session(desk, caller, token, _STAGES, confirm)


@telling_outages
async def renew_codes(desk: Desk, caller: Caller, token: str) -> Entered | Refused:
    """Make recovery codes anew, shown this once, for who showed the second factor shortly before."""

    async def renew(work: Work, session: Session) -> Entered | Refused:
        refused = _refuse(work, session)
        if refused is not None:
            return refused
        codes = await make_codes(work, session.person_id)
        await work.tell(EventKind.FACTOR_SET_UP, session.person_id, "identity", {"what": "recovery_codes"})
        return await advance(work, session, codes, with_factor=False)

    return await in_session(desk, caller, token, frozenset({Stage.SIGNED_IN}), renew)


async def make_codes(work: Work, person_id: int) -> list[str]:
    """Make somebody's recovery codes anew; the ones before are worth nothing."""
    codes = new_recovery_codes()
    hashes = hash_codes(work.desk.secrets.passwords, person_id, codes)
    await replace_codes(work.connection, person_id, hashes, work.now)
    return codes


def _refuse(work: Work, session: Session) -> Refused | None:
    if session.age.kind is PersonKind.END_USER:
        return Refused(Refusal.FORBIDDEN, "identity", _NONE)
    if session.age.stage is Stage.FACTOR_MISSING:
        return None
    return refuse_without_step_up(work.person, work.now)


async def _refuse_second(work: Work, session: Session) -> Refused | None:
    """Refuse a first factor where one was set up since the session began: only who shows it replaces it."""
    if session.age.stage is not Stage.FACTOR_MISSING:
        return None
    proofs = await lock_proofs(work.connection, session.age.kind, session.person_id)
    if proofs is not None and proofs.totp_confirmed_at is None:
        return None
    return Refused(Refusal.CONFLICT, "enrolment", _SET_UP)


async def _take(work: Work, session: Session, secret: str, step: int) -> Entered:
    connection, kind, person_id = work.connection, session.age.kind, session.person_id
    box = seal_totp(work.desk.secrets.totp, secret)
    await write_factor(connection, kind, person_id, box, step, work.now)
    codes = await make_codes(work, person_id)
    await end_sessions(
        connection, kind, person_id, WhyEnded.ENDED_FROM_ANOTHER, work.now, but=session.session_id
    )
    await work.tell(EventKind.FACTOR_SET_UP, person_id, "identity", {"what": "totp"})
    if session.age.stage is not Stage.SIGNED_IN:
        await work.tell(EventKind.SIGNED_IN, person_id, "identity", {"by": "enrolment"})
    return await advance(work, session, codes)


def _open(work: Work, session: Session, pending: str) -> str | None:
    """Return the secret that was offered to this person within ten minutes, or None."""
    try:
        content: dict[str, Any] = json.loads(open_box(work.desk.secrets.totp, base64url.decode(pending)))
    except ValueError:
        return None
    is_theirs = content["person"] == session.person_id and work.now < content["at"] + PENDING_S
    return str(content["secret"]) if is_theirs else None
