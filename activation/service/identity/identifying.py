"""From what a request shows to the person who acts, and whether that person may."""

from dataclasses import field
from typing import Final

from activation.licensing.attempts import By
from activation.licensing.identifiers import account_of_login
from activation.licensing.identity.sessions import Stage, has_stepped_up, is_over
from activation.licensing.roles import DANGEROUS, Act, Role, may
from activation.licensing.standing import account_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import UNKNOWN, Background, Refusal, Refused
from activation.service.credentials import claimed, hash_token, hash_token_each, make_credential, who
from activation.service.desk import Desk
from activation.service.identity.session_tokens import hash_session_token
from activation.service.working import Person
from activation.storage.accounts import read_account
from activation.storage.connection import Connection
from activation.storage.identity.people import TokenHolder, find_token_holder
from activation.storage.identity.sessions import Session, find_session
from crypto.pepper import each_of

_ACTS: Final = frozenset(Act)
STEP_UP: Final = "step_up"
"""The rule by which somebody is refused who has to show a second factor first."""
_FORBIDDEN: Final = "The role {} may not do this."
_OUT_OF_SCOPE: Final = "This token is not for that."
SESSION_ENDED: Final = "This session has ended. Sign in."
_UNFINISHED: Final = "Finish signing in first."
_STEP_UP: Final = "Show your second factor again first, an end user the password: POST /v1/self/step-up."
_OWNER_ONLY: Final = "The activation password only activates. This needs the owner's password."


@value
class TokenShown:
    """A bearer token."""

    token: str = field(repr=False)


@value
class PasswordShown:
    """An end user's login and owner's password."""

    login: str = field(repr=False)
    password: str = field(repr=False)


@value
class SessionShown:
    """A session's token, from its cookie; that the request comes from our own pages was checked."""

    token: str = field(repr=False)


Shown = TokenShown | PasswordShown | SessionShown
"""What a request shows of who it is from."""


def account_shown(shown: Shown) -> int | None:
    """Return the account whose password was tried, whose failures count; None where none is named."""
    return account_of_login(shown.login) if isinstance(shown, PasswordShown) else None


def subject_shown(desk: Desk, shown: Shown) -> str:
    """Return whose allowance a request spends: its credential's, right or wrong."""
    secret_key = desk.secrets.passwords
    if isinstance(shown, PasswordShown):
        return make_credential(secret_key, shown.login, shown.password).subject
    return f"credential {hash_token(secret_key, shown.token).hex()}"


async def identify(connection: Connection, desk: Desk, shown: Shown, now: int) -> Person | Refused:
    """Return who it is, or the refusal of a credential that names nobody."""
    if isinstance(shown, PasswordShown):
        return await _identify_owner(connection, desk, shown)
    if isinstance(shown, SessionShown):
        return await _identify_session(connection, desk, shown, now)
    holder = await _find_holder(connection, desk, shown.token, now)
    if holder is None:
        return _nobody()
    desk.token_uses.note(holder.token_id, holder.last_used_at, now)
    scopes = None if holder.scopes is None else frozenset(Act(one) for one in holder.scopes if one in _ACTS)
    return Person(holder.person_id, holder.login, Role(holder.role), holder.reseller_id, scopes=scopes)


async def _find_holder(connection: Connection, desk: Desk, token: str, now: int) -> TokenHolder | None:
    """Return whose token it is; one found under an older pepper is re-keyed (D5)."""
    newest, *older = hash_token_each(desk.secrets.passwords, token)
    holder = await find_token_holder(connection, newest, now)
    for one in older:
        if holder is None:
            holder = await find_token_holder(connection, one, now)
            if holder is not None:
                desk.rekeying.note_token(holder.token_id, one, newest)
    return holder


async def find_session_of(
    connection: Connection, desk: Desk, token: str, *, lock: bool = False
) -> Session | None:
    """Return the session of a token, or None. It may have begun under an older pepper (D5)."""
    for key in each_of(desk.secrets.passwords):
        session = await find_session(connection, hash_session_token(key, token), lock=lock)
        if session is not None:
            return session
    return None


async def _identify_session(
    connection: Connection, desk: Desk, shown: SessionShown, now: int
) -> Person | Refused:
    session = await find_session_of(connection, desk, shown.token)
    if session is None or is_over(session.age, desk.sessions, now):
        return Refused(Refusal.CREDENTIALS, "session", SESSION_ENDED)
    if session.age.stage is not Stage.SIGNED_IN:
        return Refused(Refusal.CREDENTIALS, "session", _UNFINISHED)
    desk.sign_ins.note_seen(session.session_id, session.age.seen_at, now)
    return person_in(session)


def person_in(session: Session) -> Person:
    """Return who acts in a session."""
    return Person(
        session.person_id,
        session.login,
        Role(session.role),
        session.reseller_id,
        session.session_id,
        session.stepped_up_at,
    )


async def _identify_owner(connection: Connection, desk: Desk, shown: PasswordShown) -> Person | Refused:
    credential = make_credential(desk.secrets.passwords, shown.login, shown.password)
    account = await read_account(connection, credential.account_id)
    by = who(credential, account)
    if by is None or account is None:
        return _nobody(claimed(credential.account_id))
    if by is not By.OWNER:
        return Refused(Refusal.FORBIDDEN, "roles", _OWNER_ONLY)
    desk.rekeying.note_shown(credential, account)
    return account_refusal(account) or Person(account.account_id, shown.login, Role.END_USER)


def _nobody(background: Background = UNKNOWN) -> Refused:
    return Refused(Refusal.CREDENTIALS, "credentials", "", background=background)


def refuse_act(person: Person, act: Act, now: int) -> Refused | None:
    """Refuse what the role, the token's scopes or the session do not allow; else return None.

    A session may do what is dangerous only shortly after its second factor was shown (`now` in seconds).
    """
    if not may(person.role, act):
        return Refused(Refusal.FORBIDDEN, "roles", _FORBIDDEN.format(person.role))
    if person.scopes is not None and act not in person.scopes:
        return Refused(Refusal.FORBIDDEN, "scopes", _OUT_OF_SCOPE)
    return refuse_without_step_up(person, now) if act in DANGEROUS else None


def refuse_without_step_up(person: Person, now: int) -> Refused | None:
    """Refuse, in a session, what needs the second factor shown shortly before; else return None."""
    if person.session_id is None or has_stepped_up(person.stepped_up_at, now):
        return None
    return Refused(Refusal.FORBIDDEN, STEP_UP, _STEP_UP, facts={"step_up": True})
