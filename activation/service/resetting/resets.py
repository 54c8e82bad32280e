"""An owner frees a licence, once a week (R3). Staff do so in staff_resets.py."""

from functools import partial

from activation.licensing.attempts import By, Reset
from activation.licensing.deciding import decide
from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.asking import ask
from activation.service.activating.holdings import check_owner
from activation.service.batching.settling_one import lock_holding, write_granted
from activation.service.batching.telling import Teller
from activation.service.credentials import make_credential
from activation.service.desk import Caller, Desk
from activation.service.limiting.limits import spend_by
from activation.service.resetting.overrides import NO_LICENSE
from activation.service.working import Work
from activation.storage.reading import Ask


@value
class ResetDone:
    """A licence that was freed."""

    license_id: int
    reset_id: int
    next_at: int | None


async def reset_own(
    desk: Desk, caller: Caller, login: str, password: str, license_id: int
) -> ResetDone | Refused:
    """Free one of the account's own licences from its device (R1-R3)."""
    credential = make_credential(desk.secrets.passwords, login, password)
    limited = await spend_by(desk, caller, credential.subject, desk.limits.resets)
    if limited is not None:
        return limited
    by = await check_owner(desk, caller, login, password)
    if isinstance(by, Refused):
        return by
    reset_id = desk.ids.new(shard_of(license_id))
    attempt = Reset(by, license_id, reset_id, credential.account_id)
    return await _reset(desk, caller, attempt)


async def reset_mine(work: Work, license_id: int) -> ResetDone | Refused:
    """Free a licence of the end user who is signed in (R1-R3)."""
    shard = shard_of(license_id)
    attempt = Reset(By.OWNER, license_id, work.new_id(shard), work.person.person_id)
    locked = await lock_holding(work, Ask(license_id=license_id))
    if locked is None:
        return Refused(Refusal.NOT_FOUND, "L4", NO_LICENSE)
    verdict = decide(attempt, locked.holding, locked.now, work.desk.week)
    if isinstance(verdict, Refused):
        work.desk.notices.note(verdict, work.person.person_id, locked.now)
        return verdict
    teller = Teller(partial(work.new_id, shard), work.trace_id)
    await write_granted(work, locked.holding, verdict, teller.tell(attempt, verdict))
    return ResetDone(license_id, attempt.reset_id, verdict.next_reset_at)


async def _reset(desk: Desk, caller: Caller, attempt: Reset) -> ResetDone | Refused:
    settled = await ask(desk, caller, attempt, Ask(license_id=attempt.license_id))
    if isinstance(settled.verdict, Refused):
        desk.notices.note(settled.verdict, settled.account_id, settled.now)
        return settled.verdict
    return ResetDone(attempt.license_id, attempt.reset_id, settled.verdict.next_reset_at)
