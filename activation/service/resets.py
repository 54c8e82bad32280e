"""Somebody frees a licence: its owner once a week (R3), or staff with a reason (R4)."""

from typing import Final

from activation.licensing.attempts import By, Reset
from activation.licensing.identifiers import shard_of
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.asking import ask, refuse_wrong, unavailable
from activation.service.credentials import find_staff, make_credential
from activation.service.desk import Caller, Desk
from activation.service.holdings import check_owner
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.lending import lend
from activation.storage.reading import Ask

MAY_RESET: Final = frozenset({"support", "sales", "admin"})


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
    by = await check_owner(desk, caller, credential)
    if isinstance(by, Refused):
        return by
    reset_id = desk.ids.new(shard_of(license_id))
    attempt = Reset(by, license_id, reset_id, credential.account_id)
    return await _reset(desk, caller, attempt)


async def reset_by_staff(
    desk: Desk, caller: Caller, token: str, license_id: int, reason: str, note: str
) -> ResetDone | Refused:
    """Free any licence, for a reason that is kept (R4)."""
    try:
        async with lend(desk.pool) as connection:
            staff = await find_staff(connection, desk.secrets.passwords, token)
    except DatabaseUnavailableError:
        return unavailable()
    if staff is None:
        return await refuse_wrong(desk, caller, None)
    if staff.role not in MAY_RESET:
        return Refused(Refusal.FORBIDDEN, "R4", "Only support, sales and admins reset licences.")
    reset_id = desk.ids.new(shard_of(license_id))
    attempt = Reset(By.STAFF, license_id, reset_id, staff_id=staff.staff_id, reason=reason, note=note)
    return await _reset(desk, caller, attempt)


async def _reset(desk: Desk, caller: Caller, attempt: Reset) -> ResetDone | Refused:
    settled = await ask(desk, caller, attempt, Ask(license_id=attempt.license_id))
    if isinstance(settled.verdict, Refused):
        return settled.verdict
    return ResetDone(attempt.license_id, attempt.reset_id, settled.verdict.next_reset_at)
