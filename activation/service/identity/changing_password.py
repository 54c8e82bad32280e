"""Changing one's own password, by who still knows it; chosen ones belong to staff and resellers' users."""

from dataclasses import field

from activation.licensing.identity.passwords import refuse_chosen
from activation.licensing.identity.sessions import PersonKind, WhyEnded
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import refuse_wrong
from activation.service.desk import Caller, Desk
from activation.service.identity.entering import (
    SIGNED_IN,
    Entered,
    advance,
    in_session,
    peek_session,
    refuse_ended,
    telling_outages,
)
from activation.service.identity.new_passwords import tell_new_password
from activation.service.identity.passwords import is_password, keyed_password
from activation.service.working import Work
from activation.storage.identity.identities import Proofs, lock_proofs, read_proofs, write_password
from activation.storage.identity.password_links import lock_person
from activation.storage.identity.sessions import Session, end_sessions
from activation.storage.lending import lend

_GENERATED = "End users' passwords are generated: ask for a link by mail."


@value
class Change:
    """The password that was, and the one to be."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@telling_outages
async def change_password(desk: Desk, caller: Caller, token: str, change: Change) -> Entered | Refused:
    """Take a new password for the old one; all other sessions end, and staff's tokens."""
    seen = await peek_session(desk, token)
    if seen is None:
        return refuse_ended()
    if seen.age.kind is PersonKind.END_USER:
        return Refused(Refusal.FORBIDDEN, "identity", _GENERATED)
    async with lend(desk.pool) as connection:
        proofs = await read_proofs(connection, seen.age.kind, seen.person_id)
    refused = refuse_chosen(change.new, seen.login)
    if refused is not None or proofs is None:
        return refused or refuse_ended()
    # Both hashes before the transaction: they take some 50 ms.
    is_right = await is_password(desk, proofs, seen.person_id, change.old)
    phc = await desk.hashing.hash(keyed_password(desk, seen.person_id, change.new))
    wrong = Refused(Refusal.CREDENTIALS, "password", "")

    async def write(work: Work, session: Session) -> Entered | Refused:
        if not is_right or not await _still_holds(work, session, proofs):
            return wrong
        return await _write(work, session, phc)

    done = await in_session(desk, caller, token, SIGNED_IN, write)
    if done is wrong:
        desk.sign_ins.note_failure(seen.person_id, caller.trace_id)
        return await refuse_wrong(desk, caller, seen.person_id)
    return done


async def _still_holds(work: Work, session: Session, proofs: Proofs) -> bool:
    found = await lock_proofs(work.connection, session.age.kind, session.person_id)
    return found is not None and found.same_password(proofs)


async def _write(work: Work, session: Session, phc: str) -> Entered:
    connection, kind, person_id = work.connection, session.age.kind, session.person_id
    await write_password(connection, kind, person_id, phc, work.now)
    await end_sessions(
        connection, kind, person_id, WhyEnded.PASSWORD_CHANGED, work.now, but=session.session_id
    )
    person = await lock_person(connection, kind, person_id)
    await tell_new_password(work, kind, person_id, "old", person.mail_to if person is not None else None)
    return await advance(work, session, with_factor=False)
