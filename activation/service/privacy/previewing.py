"""G3: what an erasure will end, and what is kept, why and until when; shown before anything is done."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, field

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import ORDERS, Work
from activation.storage.privacy.erasures import (
    Billing,
    LicenseToEnd,
    OpenBill,
    count_devices_known,
    licenses_to_end,
    lock_for_erasure,
    open_bills,
    read_billing,
    running_subscriptions,
)

__all__ = ["ErasurePreview", "Kept", "LicenseToEnd", "OpenBill", "preview_erasure", "see_erasure"]
UNKNOWN = "There is no such account."
GONE = "What was known of this account's person was deleted already."


@value
class Kept:
    """What an erasure leaves, by name, in words, why, until when (seconds; None: as long as the log)."""

    name: str
    what: str
    why: str
    until: int | None


@value
class ErasurePreview:
    """What an erasure will do. `shown` names exactly this: who confirms it says so."""

    account_id: int
    reseller_id: int | None
    licenses: int
    first_licenses: Sequence[LicenseToEnd] = field(hash=False)
    devices: int
    subscriptions: Sequence[int] = field(hash=False)
    open_bills: Sequence[OpenBill] = field(hash=False)
    billing: Billing
    kept: Sequence[Kept] = field(hash=False)

    @property
    def shown(self) -> str:
        """Return a digest of what the erasure ends and the bills that stay: another state, another one."""
        told = asdict(self)
        del told["kept"]  # its times move on by themselves
        text = json.dumps(told, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16, person=b"erasure-preview").hexdigest()


async def preview_erasure(work: Work, account_id: int) -> ErasurePreview | Refused:
    """Return what erasing an account would do; the account is held until the transaction ends."""
    found = await lock_for_erasure(work.connection, account_id)
    if found is None:
        return Refused(Refusal.NOT_FOUND, "G3", UNKNOWN)
    reseller_id, erased_at = found
    if erased_at is not None:
        return Refused(Refusal.CONFLICT, "G3", GONE, facts={"erased_at": erased_at})
    count, first = await licenses_to_end(work.connection, account_id, work.now)
    billing = await read_billing(work.connection, account_id)
    return ErasurePreview(
        account_id,
        reseller_id,
        count,
        first,
        await count_devices_known(work.connection, account_id),
        await running_subscriptions(work.connection, account_id),
        await open_bills(work.connection, account_id),
        billing,
        _kept(work, billing),
    )


async def see_erasure(work: Work, account_id: int) -> ErasurePreview | Refused:
    """Show what erasing an account would do: a look at what is known of its person (G6)."""
    preview = await preview_erasure(work, account_id)
    if not isinstance(preview, Refused):
        owed = (ORDERS,) if preview.open_bills or preview.subscriptions else ()
        await work.look([account_id], ("licenses", *owed))
    return preview


def billing_until(work: Work, billing: Billing) -> int:
    """Return until when bills keep whom they were made out to (seconds)."""
    return max(billing.last_at, 0) + work.desk.keeping.billing_s


def _kept(work: Work, billing: Billing) -> list[Kept]:
    keeping = work.desk.keeping
    kept = [
        Kept("number", "the account's number, closed", "nobody may get its login again", None),
        Kept("log", "the log, by numbers", "what was done can be proved", None),
        Kept(
            "consent",
            "that consent was given or withdrawn, by number",
            "proof (G8)",
            work.now + keeping.consent_s,
        ),
        Kept("requests", "requests, by number, and our answers", "proof (G4)", work.now + keeping.requests_s),
        Kept("occasions", "keyed digests of test licences", "occasions (T3)", work.now + keeping.occasions_s),
    ]
    if billing.bills:
        until = billing_until(work, billing)
        what = "name, address, orders, charges and payments"
        kept.insert(0, Kept("billing", what, "billing law (G2)", until))
    return kept
