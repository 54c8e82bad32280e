"""The second step of signing in, and showing the second factor again before what is dangerous."""

from collections.abc import Awaitable, Callable
from dataclasses import field
from typing import Final

from activation.licensing.attempts import By
from activation.licensing.events import EventKind
from activation.licensing.identity.sessions import PersonKind, Stage
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import refuse_wrong
from activation.service.credentials import Credential, who
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
from activation.service.identity.factors import CODES, hash_codes, open_totp, step_of
from activation.service.limiting.limits import spend
from activation.service.working import Work
from activation.storage.accounts import read_account
from activation.storage.identity.identities import count_codes, lock_proofs, use_code, use_step
from activation.storage.identity.sessions import Session
from crypto.passwords import hash_secret
from crypto.pepper import each_of

WRONG_CODE: Final = "This code is wrong, or was used before. The next one comes within 30 seconds."
_AWAITED: Final = frozenset({Stage.FACTOR_AWAITED})
_RULE: Final = "factor"
InSession = Callable[[Work, Session], Awaitable[Entered | Refused]]


@value
class Factor:
    """A second factor that is shown: a code, a recovery code, or an end user's password."""

    code: str | None = field(repr=False, default=None)
    recovery_code: str | None = field(repr=False, default=None)
    password: str | None = field(repr=False, default=None)


@telling_outages
async def show_second_factor(desk: Desk, caller: Caller, token: str, factor: Factor) -> Entered | Refused:
    """Finish signing in with a code or a recovery code; each is good once."""
    by = "recovery_code" if factor.recovery_code is not None else "code"

    async def show(work: Work, session: Session) -> Entered | Refused:
        refused = await _check(work, session, factor)
        if refused is not None:
            return refused
        await work.tell(EventKind.SIGNED_IN, session.person_id, "identity", {"by": by})
        return await advance(work, session)

    return await _guarded(desk, caller, token, factor, _AWAITED, show)


@telling_outages
async def step_up(desk: Desk, caller: Caller, token: str, factor: Factor) -> Entered | Refused:
    """Show the second factor again, an end user the password, for ten minutes of dangerous acts."""

    async def show(work: Work, session: Session) -> Entered | Refused:
        refused = await _check(work, session, factor)
        if refused is not None:
            return refused
        await work.tell(EventKind.STEPPED_UP, session.person_id, "identity")
        return await advance(work, session)

    return await _guarded(desk, caller, token, factor, SIGNED_IN, show)


async def _guarded(
    desk: Desk, caller: Caller, token: str, factor: Factor, stages: frozenset[Stage], show: InSession
) -> Entered | Refused:
    """Check a factor in a session; count and note a wrong one."""
    session = await peek_session(desk, token)
    if session is None:
        return refuse_ended()
    if factor.code is not None:
        limited = await refuse_guessing(desk, session.person_id)
        if limited is not None:
            return limited
    done = await in_session(desk, caller, token, stages, show)
    if isinstance(done, Refused) and done.rule == _RULE:
        desk.sign_ins.note_failure(session.person_id, caller.trace_id)
        if factor.code is None:
            return await refuse_wrong(desk, caller, session.person_id)
    return done


async def refuse_guessing(desk: Desk, person_id: int) -> Refused | None:
    """Take one try from a person's allowance before a code is looked at: six digits can be guessed."""
    return await spend(desk, [(f"person {person_id}", CODES)])


async def _check(work: Work, session: Session, factor: Factor) -> Refused | None:
    kind, person_id = session.age.kind, session.person_id
    if kind is PersonKind.END_USER:
        return await _check_password(work, person_id, factor.password)
    if factor.recovery_code is not None:
        return await _check_recovery(work, person_id, factor.recovery_code)
    return await _check_code(work, kind, person_id, factor.code or "")


async def _check_code(work: Work, kind: PersonKind, person_id: int, code: str) -> Refused | None:
    proofs = await lock_proofs(work.connection, kind, person_id)
    secret = open_totp(work.desk.secrets.totp, proofs.totp_box) if proofs is not None else None
    if proofs is None or secret is None:
        return wrong_code()
    step = step_of(secret, code, work.now, proofs.totp_step)
    if step is None or not await use_step(work.connection, kind, person_id, step):
        return wrong_code()
    return None


async def _check_recovery(work: Work, person_id: int, code: str) -> Refused | None:
    used = [
        await use_code(work.connection, person_id, code_hash, work.now)
        for key in each_of(work.desk.secrets.passwords)
        for code_hash in hash_codes(key, person_id, [code])
    ]
    if not any(used):
        return wrong_code()
    left = await count_codes(work.connection, person_id)
    await work.tell(EventKind.RECOVERY_CODE_USED, person_id, "identity", {"left": left})
    return None


async def _check_password(work: Work, account_id: int, password: str | None) -> Refused | None:
    first, *older = [
        hash_secret(key, str(account_id), password or "") for key in each_of(work.desk.secrets.passwords)
    ]
    account = await read_account(work.connection, account_id)
    shown = Credential(account_id, first, tuple(older))
    return None if who(shown, account) is By.OWNER else wrong_code()


def wrong_code() -> Refused:
    """Return the refusal of a second factor."""
    return Refused(Refusal.CREDENTIALS, _RULE, WRONG_CODE)
