"""G3, G5: erasing a person. What cannot work without the data ends; sums, occasions and the log stay.

Who erases an account says by `shown` what was previewed: if anything has changed since, nothing is erased and
the new preview is asked for. The ledger's line is on disk before the transaction commits.
"""

import asyncio

from activation.licensing.events import EventKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.standing import revoke_licenses
from activation.service.mailing.sealing import seal
from activation.service.privacy.ledger import Entry, entries_of
from activation.service.privacy.previewing import ErasurePreview, billing_until, preview_erasure
from activation.service.working import Work
from activation.storage.installation import read_database_id
from activation.storage.licenses.standing import Where
from activation.storage.outgoing.mails import read_recipient
from activation.storage.privacy.erasures import add_erasure, end_agreements, keep_billing_identity
from activation.storage.privacy.forgetting import forget_account

_CHANGED = "Something has changed since this was shown. Look again, and confirm what is shown then."


@value
class Erased:
    """What an erasure did: by number, and when (seconds)."""

    account_id: int
    at: int
    licenses: int
    devices: int
    subscriptions: int
    bills_kept: int
    billing_until: int | None


async def erase_account(work: Work, account_id: int, shown: str) -> Erased | Refused:
    """Erase an account as it was previewed (G3); `shown` is the preview's digest."""
    preview = await preview_erasure(work, account_id)
    if isinstance(preview, Refused):
        return preview
    if shown != preview.shown:
        return Refused(Refusal.CONFLICT, "G3", _CHANGED, facts={"shown": preview.shown})
    address = (await read_recipient(work.connection, account_id)).address
    done = await carry_out(work, preview, "G3")
    await _tell_person(work, done, address)
    await enter(work, [Entry(account_id, done.at)])
    return done


async def _tell_person(work: Work, done: Erased, address: str) -> None:
    """Write a last mail: nobody's, for nothing is known any more, its address sealed until it is sent."""
    if address:
        sealed = seal(work.desk.secrets.mail, {"to": address})
        told = {"erased_at": done.at, "bills": done.bills_kept, "sealed": sealed}
        await work.mail(0, "account_erased", told, f"account_erased:{done.account_id}")


async def carry_out(work: Work, preview: ErasurePreview, rule: str) -> Erased:
    """End what the erasure ends, and delete what is known; all but the ledger."""
    connection, account_id = work.connection, preview.account_id
    revoked = await revoke_licenses(work, Where(account_id=account_id), rule)
    ended = await end_agreements(connection, account_id, work.now)
    until = billing_until(work, preview.billing) if preview.billing.bills else None
    if until is not None:
        await keep_billing_identity(connection, account_id, until)
    await forget_account(connection, account_id, work.now)
    told = {"licenses": len(revoked), "subscriptions": len(ended), "bills_kept": preview.billing.bills}
    await work.tell(EventKind.ACCOUNT_CLOSED, account_id, rule)
    await work.tell(EventKind.ERASED, account_id, rule, told)
    return Erased(
        account_id, work.now, len(revoked), preview.devices, len(ended), preview.billing.bills, until
    )


async def enter(work: Work, entries: list[Entry]) -> None:
    """Enter erasures into the ledger: its table, and its file, which is flushed before this returns (G5)."""
    for entry in entries:
        await add_erasure(work.connection, entry.erased_id, entry.at)
    ledger = work.desk.erasures
    if ledger is not None:
        database = await read_database_id(work.connection)
        await asyncio.to_thread(ledger.append, entries_of(database, entries))
