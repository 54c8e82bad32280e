"""L5, L8: staff suspend, reinstate, revoke or extend one licence, for a reason that is kept."""

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.kinds import extend_evaluation
from activation.licensing.model import Hold, LicenseState
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.finding import Seen, see_license
from activation.service.licenses.standing import (
    extend_licenses,
    hold_licenses,
    release_hold,
    revoke_licenses,
)
from activation.service.working import Work
from activation.storage.licenses.histories import Noted, add_note
from activation.storage.licenses.standing import Where, lock_licenses

_REVOKED = "This licence was revoked, which is final."
_NOT_HELD = "Staff did not suspend this licence. What holds it: {}."
_NOTHING = "nothing"


async def suspend_license(work: Work, license_id: int, note: str) -> Seen | Refused:
    """Suspend a licence; its device keeps its place. Repeating it changes nothing."""
    seen = await _open(work, license_id)
    if isinstance(seen, Refused):
        return seen
    changed = await hold_licenses(work, Where(license_ids=[license_id]), Hold.STAFF)
    return await _close(work, license_id, note, "license.suspended", changed)


async def reinstate_license(work: Work, license_id: int, note: str) -> Seen | Refused:
    """Take back staff's suspension. Other reasons go on holding the licence: they end with their cause."""
    seen = await _open(work, license_id)
    if isinstance(seen, Refused):
        return seen
    if not seen.license.holds & Hold.STAFF:
        words = ", ".join((one.name or "").lower() for one in Hold if one & seen.license.holds)
        return Refused(Refusal.CONFLICT, "L8", _NOT_HELD.format(words or _NOTHING))
    changed = await release_hold(work, Where(license_ids=[license_id]), Hold.STAFF)
    return await _close(work, license_id, note, "license.reinstated", changed)


async def revoke_license(work: Work, license_id: int, note: str) -> Seen | Refused:
    """Revoke a licence for good."""
    seen = await _open(work, license_id)
    if isinstance(seen, Refused):
        return seen
    changed = await revoke_licenses(work, Where(license_ids=[license_id]))
    return await _close(work, license_id, note, "license.revoked", changed)


async def extend_license(work: Work, license_id: int, note: str) -> Seen | Refused:
    """Let an evaluation last 7 days more, for another corrected build."""
    seen = await _open(work, license_id)
    if isinstance(seen, Refused):
        return seen
    held = seen.license
    until = extend_evaluation(held.kind, held.state, held.ends_at, work.now)
    if isinstance(until, Refused):
        return until
    changed = await extend_licenses(work, Where(license_ids=[license_id]), until, "L5")
    return await _close(work, license_id, note, "license.extended", changed)


async def _open(work: Work, license_id: int) -> Seen | Refused:
    """Lock a licence's holding, and read it; refuse one that is revoked."""
    await lock_licenses(work.connection, Where(license_ids=[license_id]))
    seen = await see_license(work, license_id)
    if isinstance(seen, Refused) or seen.license.state is not LicenseState.REVOKED:
        return seen
    return Refused(Refusal.CONFLICT, "L8", _REVOKED)


async def _close(work: Work, license_id: int, note: str, hook: str, changed: list[int]) -> Seen | Refused:
    if changed:
        noted = Noted(work.now, work.person.person_id or None, note)
        await add_note(work.connection, work.new_id(license_id >> 55), license_id, noted)
        await work.hook(hook, {"license_id": to_text(LICENSE, license_id)})
    return await see_license(work, license_id)
