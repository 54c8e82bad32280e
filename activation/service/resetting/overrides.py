"""What all use cases about a reset by staff do: free the licence, tell the log and the customer.

Each of them is one transaction: the reset, its event, its place in the bounds, the mail, the answer that is
repeated. Locks are taken in one order everywhere: the agent or the override, then the holding.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from activation.licensing.attempts import By, Reset
from activation.licensing.events import EventKind
from activation.licensing.identifiers import LICENSE, RESET, shard_of, to_text
from activation.licensing.overriding import Override, OverrideKind, OverrideState
from activation.licensing.values import value
from activation.licensing.verdicts import Granted
from activation.service.batching.settling_one import Locked, write_granted
from activation.service.batching.telling import Teller
from activation.service.resetting.exposure import Shown, show_exposure
from activation.service.working import Work
from activation.storage.licenses.overrides import decide_override

NO_LICENSE: Final = "There is no such licence."
NO_RESET: Final = "There is no such reset by staff."


@value
class Overridden:
    """A reset by staff as it stands now; `shown` is what it leaves open (R6)."""

    override: Override
    shown: Shown | None = None


def attempt_of(wanted: Override) -> Reset:
    """Return the attempt that an override is, to be decided by the rules."""
    return Reset(
        By.STAFF,
        wanted.license_id,
        wanted.reset_id,
        staff_id=wanted.staff_id,
        reason=wanted.reason,
        note=wanted.note,
    )


async def free_license(
    work: Work, done: Override, attempt: Reset, locked: Locked, granted: Granted
) -> Overridden:
    """Write a granted reset, tell of it, and say what it leaves open (R6)."""
    teller = Teller(lambda: work.new_id(shard_of(done.license_id)), work.trace_id)
    await write_granted(work, locked.holding, granted, teller.tell(attempt, granted))
    await mail_of(work, "license_reset", done, locked)
    return Overridden(done, await show_exposure(work, locked.holding, done.license_id, locked.now))


async def record_decision(
    work: Work, wanted: Override, state: OverrideState, now: int, given_id: int | None = None
) -> Override:
    """Store who approved or declined, and when."""
    person_id = work.person.person_id
    await decide_override(work.connection, wanted.reset_id, state, person_id, now, given_id)
    return replace(wanted, state=state, decided_by=person_id, decided_at=now, given_id=given_id)


async def tell_of(
    work: Work, kind: EventKind, about: Override, more: Mapping[str, str] | None = None
) -> None:
    """Append an event about an override's licence."""
    details = {"reset_id": to_text(RESET, about.reset_id), "reason": about.reason, **(more or {})}
    if about.given_id is not None:
        details["given"] = to_text(LICENSE, about.given_id)
    rule = "R2" if about.kind is OverrideKind.REPLACEMENT else "R5"
    await work.tell(kind, about.license_id, rule, details)


async def mail_of(work: Work, template: str, about: Override, locked: Locked) -> None:
    """Tell the customer (R4): what became of which licence, and the reason's code, never the note."""
    params = {
        "license_id": to_text(LICENSE, about.license_id),
        "reset_id": to_text(RESET, about.reset_id),
        "reason": about.reason,
    }
    if about.given_id is not None:
        params["given_id"] = to_text(LICENSE, about.given_id)
    account_id = locked.holding.account.account_id
    await work.mail(account_id, template, params, f"{template} {about.reset_id}")
