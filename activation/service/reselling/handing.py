"""Writing what many assignments came to, by the set: accounts, ledger, licences, events, mail."""

from collections.abc import Sequence

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ORDER, RESELLER, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.assigning import Recipient, why_assigned
from activation.licensing.reselling.pool import Lot, PoolKey
from activation.licensing.values import value
from activation.service.reselling.assigning import Assigned
from activation.service.reselling.customers import told_of
from activation.service.standing import end_licenses
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, PersonalField, add_events
from activation.storage.assigning_many import (
    NewAccount,
    add_accounts,
    add_licenses_many,
    mark_regular_many,
)
from activation.storage.outbox import write_mails
from activation.storage.pool_ledger import Taken, enter_taken
from activation.storage.standing import Where


@value
class Handed:
    """One assignment as decided: from which pool and orders, to whom, and the licences to make."""

    key: PoolKey
    recipient: Recipient
    lots: tuple[Lot, ...]
    assigned: Assigned
    licenses: tuple[NewLicenses, ...]


async def write_handed(
    work: Work, new: Sequence[NewAccount], handed: Sequence[Handed]
) -> dict[int, tuple[int, ...]]:
    """Write all of them, in their order; return which test licences of which accounts that ended (T5).

    Their reseller's row and the accounts must be held, and the pools have enough.
    """
    if not handed:
        return {}
    await add_accounts(work.connection, new, work.now)
    ended = await _turn_regular(work, list(dict.fromkeys(one.recipient.account_id for one in handed)))
    for key in dict.fromkeys(one.key for one in handed):
        taken = [_taken(one, lot) for one in handed if one.key == key for lot in one.lots]
        await enter_taken(work.connection, key, taken, now=work.now, actor_id=work.person.person_id or None)
    await add_licenses_many(work.connection, [licenses for one in handed for licenses in one.licenses])
    events = [work.event(EventKind.ACCOUNT_MADE, *told_of(one)) for one in new]
    events += [
        work.event(EventKind.ASSIGNED, one.recipient.account_id, "P5", describe(one)) for one in handed
    ]
    await add_events(work.connection, events)
    await _write_mails(work, new)
    return ended


def describe(one: Handed) -> dict[str, object]:
    """Return what the log tells of an assignment: nobody's name."""
    return {
        "reseller": to_text(RESELLER, one.key.reseller_id),
        "product": one.assigned.product,
        "major": one.key.major,
        "kind": one.key.kind.name.lower(),
        "count": len(one.assigned.license_ids),
        "why": why_assigned(one.recipient, one.key.kind).name.lower(),
        "orders": [to_text(ORDER, lot.purchase_id) for lot in one.lots if lot.purchase_id is not None],
    }


def _taken(one: Handed, lot: Lot) -> Taken:
    return Taken(lot, why_assigned(one.recipient, one.key.kind), one.recipient.account_id)


async def _turn_regular(work: Work, account_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    with_tests = await mark_regular_many(work.connection, account_ids, work.now)
    ended = {}
    for account_id in with_tests:
        tests = Where(account_id=account_id, kind=LicenseKind.TEST)
        ended[account_id] = tuple(await end_licenses(work, tests, work.now, "T5", kind=EventKind.TEST_ENDED))
    return ended


async def _write_mails(work: Work, new: Sequence[NewAccount]) -> None:
    told = [one.account.account_id for one in new if one.personal.get(PersonalField.EMAIL)]
    mails = [(work.new_id(), account_id, f"account_made:{account_id}") for account_id in told]
    await write_mails(work.connection, mails, "account_made", work.now)
