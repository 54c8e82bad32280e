"""R5: a second person approves what a colleague asked for, or declines it."""

from activation.licensing.deciding import apply_changes
from activation.licensing.events import EventKind
from activation.licensing.identifiers import LICENSE, shard_of, to_text
from activation.licensing.overriding import (
    Override,
    OverrideKind,
    OverrideState,
    refuse_approval,
    refuse_decline,
)
from activation.licensing.replacing import decide_replacement
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.weighing.explaining import decide_explained
from activation.service.batching.settling_one import Locked, lock_holding, write_granted
from activation.service.resetting.overrides import (
    NO_LICENSE,
    NO_RESET,
    Overridden,
    attempt_of,
    free_license,
    mail_of,
    record_decision,
    tell_of,
)
from activation.service.working import Work
from activation.storage.licenses.overrides import give_instead, lock_override
from activation.storage.reading import Ask


async def approve(work: Work, reset_id: int) -> Overridden | Refused:
    """Do what a colleague asked for, as it can be done now (R5)."""
    wanted = await lock_override(work.connection, reset_id)
    if wanted is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_RESET)
    refused = refuse_approval(wanted, work.person.person_id)
    if refused is not None:
        return refused
    locked = await lock_holding(work, Ask(license_id=wanted.license_id))
    if locked is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_LICENSE)
    replacing = wanted.kind is OverrideKind.REPLACEMENT
    return await (_approve_replacement if replacing else _approve_reset)(work, wanted, locked)


async def _approve_reset(work: Work, wanted: Override, locked: Locked) -> Overridden | Refused:
    attempt = attempt_of(wanted)
    verdict = decide_explained(attempt, locked.holding, locked.now, work.desk.week, work.desk.traces.wants)
    if isinstance(verdict, Refused):
        return verdict
    done = await record_decision(work, wanted, OverrideState.DONE, locked.now)
    await tell_of(work, EventKind.RESET_APPROVED, done)
    return await free_license(work, done, attempt, locked, verdict)


async def _approve_replacement(work: Work, wanted: Override, locked: Locked) -> Overridden | Refused:
    verdict = decide_replacement(wanted, locked.holding, locked.now)
    if isinstance(verdict, Refused):
        return verdict
    apply_changes(locked.holding, verdict.changes)
    await write_granted(work, locked.holding, verdict)
    given_id = work.new_id(shard_of(wanted.license_id))
    await give_instead(work.connection, wanted.license_id, given_id, locked.now)
    done = await record_decision(work, wanted, OverrideState.DONE, locked.now, given_id)
    await tell_of(work, EventKind.RESET_APPROVED, done)
    await tell_of(work, EventKind.REVOKED, done)
    await tell_of(work, EventKind.REPLACED, done)
    instead_of = {"instead_of": to_text(LICENSE, wanted.license_id)}
    await work.tell(EventKind.LICENSES_GRANTED, given_id, "R2", instead_of)
    await mail_of(work, "license_replaced", done, locked)
    return Overridden(done)


async def decline(work: Work, reset_id: int) -> Overridden | Refused:
    """Refuse what a colleague asked for, or take one's own request back (R5)."""
    wanted = await lock_override(work.connection, reset_id)
    if wanted is None:
        return Refused(Refusal.NOT_FOUND, "R5", NO_RESET)
    refused = refuse_decline(wanted)
    if refused is not None:
        return refused
    declined = await record_decision(work, wanted, OverrideState.DECLINED, work.now)
    await tell_of(work, EventKind.RESET_DECLINED, declined)
    return Overridden(declined)
