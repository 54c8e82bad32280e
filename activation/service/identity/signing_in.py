"""Signing in with login and password: the first step, which makes a session.

A login that nobody has takes the same work as a wrong password, and gets the same answer.
"""

from dataclasses import field, replace
from typing import Final

from activation.licensing.attempts import By
from activation.licensing.events import EventKind
from activation.licensing.identifiers import account_of_login
from activation.licensing.identity.sessions import PersonKind, Stage, WhyEnded, ends_at
from activation.licensing.roles import Role
from activation.licensing.standing import account_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Background, Refused
from activation.service.activating.asking import refuse_wrong
from activation.service.credentials import Credential, claimed, make_credential, who
from activation.service.desk import Caller, Desk
from activation.service.identity.entering import Entered, telling_outages
from activation.service.identity.identifying import find_session_of
from activation.service.identity.passwords import is_hashed_anew, is_password, keyed_password
from activation.service.identity.session_tokens import csrf_of, hash_session_token, new_session_token
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.service.working import Person, Work
from activation.storage.accounts import lock_account, read_account
from activation.storage.connection import Connection
from activation.storage.identity.identities import (
    Identity,
    Proofs,
    find_identity,
    lock_proofs,
    write_password,
)
from activation.storage.identity.sessions import NewSession, add_session, end_session, keep_newest
from activation.storage.lending import lend

MOST_BROWSER: Final = 60
MOST_SESSIONS: Final = 50
"""How many sessions of one person are kept: a script that signs in all day fills no table."""


@value
class Shown:
    """What somebody shows to sign in, with which browser; `before` is the token of a session to leave."""

    login: str = field(repr=False)
    password: str = field(repr=False)
    browser: str = ""
    before: str | None = field(repr=False, default=None)


@value
class Proved:
    """Who was proved, by what is stored or an end user's credential; `phc` is a slow hash to store."""

    person: Person
    kind: PersonKind
    stage: Stage
    by: Proofs | Credential
    phc: str | None = field(repr=False, default=None)


@telling_outages
async def sign_in(desk: Desk, caller: Caller, shown: Shown) -> Entered | Refused:
    """Check login and password; make a session at the stage that its owner comes to next."""
    login = shown.login.strip()
    async with lend(desk.pool) as connection:
        await now_knowing_pepper(desk, connection)
        known = await find_identity(connection, login)
        owner = await _find_owner(connection, desk, login, shown.password)
    if known is None and isinstance(owner, Refused):
        return owner
    proved = await _prove(desk, known, owner, shown.password)
    entered = await _enter(desk, caller, proved, shown) if proved is not None else None
    if entered is not None:
        return entered
    if known is not None:
        desk.sign_ins.note_failure(known.person_id, caller.trace_id)
    whose = Background(person_id=known.person_id) if known is not None else claimed(account_of_login(login))
    return await refuse_wrong(desk, caller, account_of_login(login), whose)


async def _find_owner(
    connection: Connection, desk: Desk, login: str, password: str
) -> Proved | Refused | None:
    """Return the end user with this login and owner's password; the activation password signs nobody in."""
    credential = make_credential(desk.secrets.passwords, login, password)
    account = await read_account(connection, credential.account_id)
    if account is None or who(credential, account) is not By.OWNER:
        return None
    desk.rekeying.note_shown(credential, account)
    person = Person(account.account_id, login, Role.END_USER)
    return account_refusal(account) or Proved(person, PersonKind.END_USER, Stage.SIGNED_IN, credential)


async def _prove(
    desk: Desk, known: Identity | None, owner: Proved | Refused | None, password: str
) -> Proved | None:
    """Return who is proved; whoever is not takes the work of one slow hash."""
    if known is not None:
        return await _prove_known(desk, known, password)
    if isinstance(owner, Proved):
        return owner
    await desk.hashing.verify(None, keyed_password(desk, 0, password))
    return None


async def _prove_known(desk: Desk, known: Identity, password: str) -> Proved | None:
    proofs = known.proofs
    if not await is_password(desk, proofs, known.person_id, password):
        return None
    keyed = keyed_password(desk, known.person_id, password)
    phc = None if is_hashed_anew(proofs, keyed) else await desk.hashing.hash(keyed)
    person = Person(known.person_id, known.login, Role(known.role), known.reseller_id)
    return Proved(person, known.kind, _stage_of(proofs), proofs, phc)


async def _enter(desk: Desk, caller: Caller, proved: Proved, shown: Shown) -> Entered | None:
    """Make the session, unless who it is for was suspended, or the password changed, since it was looked at.

    Then nothing was proved. The stage, too, is that of now: a second factor may have been set up meanwhile.
    """
    person, kind = proved.person, proved.kind
    async with lend(desk.pool) as connection, connection.transaction():
        now = await desk.clock.now(connection)
        work = Work(connection, desk, person, now, caller.trace_id, lambda: caller.address)
        stage = await _hold(connection, proved)
        if stage is None:
            return None
        proved = replace(proved, stage=stage)
        if proved.phc is not None:
            await write_password(connection, kind, person.person_id, proved.phc)
        await _leave(work, kind, shown.before)
        entered = await _add(work, proved, shown.browser)
        if proved.stage is Stage.SIGNED_IN:
            await work.tell(EventKind.SIGNED_IN, person.person_id, "identity")
        return entered


async def _hold(connection: Connection, proved: Proved) -> Stage | None:
    """Hold who was proved; return the stage that they come to, None if they may no longer come in."""
    person_id = proved.person.person_id
    if isinstance(proved.by, Proofs):
        found = await lock_proofs(connection, proved.kind, person_id)
        return _stage_of(found) if found is not None and found.same_password(proved.by) else None
    account = await lock_account(connection, person_id)
    if account is None or account_refusal(account) is not None or who(proved.by, account) is not By.OWNER:
        return None
    return Stage.SIGNED_IN


def _stage_of(proofs: Proofs) -> Stage:
    return Stage.FACTOR_MISSING if proofs.totp_confirmed_at is None else Stage.FACTOR_AWAITED


async def _leave(work: Work, kind: PersonKind, before: str | None) -> None:
    """End the session that the same browser had of the same person: its cookie is about to be lost."""
    if before is None:
        return
    old = await find_session_of(work.connection, work.desk, before)
    if old is not None:
        person_id = work.person.person_id
        await end_session(work.connection, kind, person_id, old.session_id, WhyEnded.SIGNED_OUT, work.now)


async def _add(work: Work, proved: Proved, browser: str) -> Entered:
    secret_key, limits = work.desk.secrets.passwords, work.desk.sessions
    token, session_id = new_session_token(), work.new_id()
    stepped_up_at = work.now if proved.stage is Stage.SIGNED_IN else None
    until = ends_at(proved.kind, proved.stage, limits, work.now)
    await add_session(
        work.connection,
        NewSession(
            session_id,
            hash_session_token(secret_key, token),
            proved.kind,
            work.person.person_id,
            proved.stage,
            work.now,
            until,
            stepped_up_at,
            work.address(),
            browser[:MOST_BROWSER],
        ),
    )
    idle_s = limits.idle_of(proved.kind)
    await keep_newest(
        work.connection,
        proved.kind,
        work.person.person_id,
        MOST_SESSIONS,
        work.now,
        idle_since=work.now - idle_s,
        new=session_id,
    )
    return Entered(
        session_id,
        work.person,
        proved.stage,
        csrf_of(token),
        until,
        idle_s,
        stepped_up_at,
        token,
    )
