"""What an assignment comes to, and writing one or a thousand of them by the set.

Accounts, ledger, licences, events and mail; a regular licence ends its account's tests (T5).
"""

from collections.abc import Sequence

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ORDER, RESELLER, shard_of, to_text
from activation.licensing.kinds import REGULAR, Term
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.assigning import Recipient, why_assigned
from activation.licensing.reselling.pool import Lot, PoolKey
from activation.licensing.values import value
from activation.service.licenses.standing import end_licenses
from activation.service.reselling.customers import told_of
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, PersonalField
from activation.storage.events import add_events
from activation.storage.licenses.standing import Where
from activation.storage.outgoing.outbox import write_mails
from activation.storage.reselling.assigning_many import (
    NewAccount,
    add_accounts,
    add_licenses_many,
    mark_regular_many,
)
from activation.storage.reselling.pool_ledger import Taken, enter_taken


@value
class Assigned:
    """Licences that were assigned. Times in seconds; `ended_tests` are test licences that this ended (T5)."""

    account_id: int
    product: str
    major: int
    kind: LicenseKind
    license_ids: tuple[int, ...]
    ends_at: int | None = None
    updates_until: int | None = None
    ended_tests: tuple[int, ...] = ()


@value
class Handed:
    """One assignment as decided: from which pool and orders, to whom, and the licences to make."""

    key: PoolKey
    recipient: Recipient
    lots: tuple[Lot, ...]
    assigned: Assigned
    licenses: tuple[NewLicenses, ...]


def draw_licenses(
    work: Work, key: PoolKey, product: str, recipient: Recipient, lots: Sequence[Lot], term: Term
) -> Handed:
    """Return what it comes to when these lots of a pool go to this account."""
    shard = shard_of(recipient.account_id)
    new = [
        NewLicenses(
            recipient.account_id,
            key.product_id,
            [work.new_id(shard) for _ in range(lot.count)],
            key.major,
            work.now,
            key.kind,
            term.device_limit,
            term.ends_at,
            term.updates_until,
            key.reseller_id,
            lot.purchase_id,
        )
        for lot in lots
    ]
    ids = tuple(license_id for one in new for license_id in one.license_ids)
    assigned = Assigned(
        recipient.account_id, product, key.major, key.kind, ids, term.ends_at, term.updates_until
    )
    return Handed(key, recipient, tuple(lots), assigned, tuple(new))


async def write_handed(
    work: Work, new: Sequence[NewAccount], handed: Sequence[Handed]
) -> dict[int, tuple[int, ...]]:
    """Write all of them, in their order; return which test licences of which accounts that ended (T5).

    Their reseller's row and the accounts must be held, and the pools have enough.
    """
    if not handed:
        return {}
    await add_accounts(work.connection, new, work.now)
    regular = [one.recipient.account_id for one in handed if one.key.kind in REGULAR]
    ended = await turn_regular(work, list(dict.fromkeys(regular)))
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


async def turn_regular(work: Work, account_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """T4, T5: note that accounts get a regular licence; end their tests, and return which of whose."""
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
