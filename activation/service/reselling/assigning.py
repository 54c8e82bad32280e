"""P5: licences out of a reseller's pool to an end-user account, exactly one for each and for good.

The reseller's row is locked first and the account's next, by everybody, so that neither the pool (P5, P6)
nor the account (T3-T5) is decided upon twice at a time.
"""

from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ORDER, RESELLER, shard_of, to_text
from activation.licensing.kinds import Term, term_of
from activation.licensing.model import LicenseKind, Product
from activation.licensing.reselling.affiliates import Share
from activation.licensing.reselling.assigning import Giver, Recipient, refuse_assignment, why_assigned
from activation.licensing.reselling.pool import Lot, PoolKey
from activation.licensing.values import value
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.service.standing import end_licenses
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, add_licenses
from activation.storage.assignments import lock_giver, read_balance, read_share
from activation.storage.customers import lock_recipient, mark_regular
from activation.storage.pool_ledger import take
from activation.storage.standing import Where

LIMITS: Final = frozenset({Refusal.POOL_EXHAUSTED, Refusal.AFFILIATE_LIMIT, Refusal.TEST_LIMIT})
NO_ACCOUNT: Final = Refused(Refusal.NOT_FOUND, "P5", "You have no such customer.")
NO_PRODUCT: Final = Refused(Refusal.NOT_FOUND, "P5", "There is no such product.")
NO_RESELLER: Final = Refused(Refusal.NOT_FOUND, "P5", "There is no such reseller.")


@value
class Wish:
    """How many licences of what an account is to get."""

    account_id: int
    product: str
    major: int
    count: int = 1


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
class Case:
    """All that an assignment is decided upon, held until the transaction ends."""

    giver: Giver
    recipient: Recipient
    product: Product
    key: PoolKey
    available: int


async def assign(work: Work, reseller_id: int, wish: Wish) -> Assigned | Refused:
    """Assign regular licences from a reseller's pool to one of its customers (P5, P6, C2)."""
    case = await open_case(work, reseller_id, wish, LicenseKind.PERPETUAL)
    if isinstance(case, Refused):
        return case
    is_affiliated = case.recipient.affiliated
    share = await read_share(work.connection, reseller_id) if is_affiliated else Share(0, 0)
    refused = refuse_assignment(case.giver, case.recipient, share, case.available, wish.count)
    if refused is not None:
        return refused
    ended = await turn_regular(work, wish.account_id)
    return await hand_over(work, case, wish, tuple(ended))


async def report_limit(work: Work, refused: Refused) -> Refused | Filed:
    """Tell the vendor's webhooks of a limit that was hit; the refusal stays what it is."""
    if refused.code not in LIMITS:
        return refused
    reseller = to_text(RESELLER, work.person.reseller_id or 0)
    told = {"reseller": reseller, "code": str(refused.code), "rule": refused.rule, **refused.facts}
    await work.hook("limit.hit", told)
    return Filed(refused)


async def turn_regular(work: Work, account_id: int) -> list[int]:
    """T4, T5: note that an account gets a regular licence; end its tests at once and return their ids.

    To be called by whatever gives an account a regular licence, with the account's row locked.
    """
    await mark_regular(work.connection, account_id, work.now)
    tests = Where(account_id=account_id, kind=LicenseKind.TEST)
    return await end_licenses(work, tests, work.now, "T5", kind=EventKind.TEST_ENDED)


async def open_case(work: Work, reseller_id: int, wish: Wish, kind: LicenseKind) -> Case | Refused:
    """Lock and read what an assignment out of this kind of pool is decided upon."""
    product = work.desk.catalogue.by_code.get(wish.product)
    if product is None:
        return NO_PRODUCT
    giver = await lock_giver(work.connection, reseller_id)
    if giver is None:
        return NO_RESELLER
    recipient = await lock_recipient(work.connection, reseller_id, wish.account_id)
    if recipient is None:
        return NO_ACCOUNT
    key = PoolKey(reseller_id, product.product_id, wish.major, kind)
    return Case(giver, recipient, product, key, await read_balance(work.connection, key))


async def hand_over(
    work: Work, case: Case, wish: Wish, ended_tests: tuple[int, ...] = ()
) -> Assigned | Refused:
    """Take the licences out of the pool, oldest order first, and put them into the account."""
    key = case.key
    term = term_of(key.kind, work.now, case.product.update_months)
    if isinstance(term, Refused):
        return term
    why = why_assigned(case.recipient, key.kind)
    lots = await take(
        work.connection,
        key,
        wish.count,
        why,
        now=work.now,
        account_id=wish.account_id,
        actor_id=work.person.person_id or None,
    )
    ids: list[int] = []
    for lot in lots:
        new = _new_licenses(work, key, wish, lot, term)
        await add_licenses(work.connection, new)
        ids.extend(new.license_ids)
    told = {
        "reseller": to_text(RESELLER, key.reseller_id),
        "product": wish.product,
        "major": key.major,
        "kind": key.kind.name.lower(),
        "count": wish.count,
        "why": why.name.lower(),
        "orders": [to_text(ORDER, lot.purchase_id) for lot in lots if lot.purchase_id is not None],
    }
    await work.tell(EventKind.ASSIGNED, wish.account_id, "P5", told)
    return Assigned(
        wish.account_id,
        wish.product,
        key.major,
        key.kind,
        tuple(ids),
        term.ends_at,
        term.updates_until,
        ended_tests,
    )


def _new_licenses(work: Work, key: PoolKey, wish: Wish, lot: Lot, term: Term) -> NewLicenses:
    shard = shard_of(wish.account_id)
    return NewLicenses(
        wish.account_id,
        key.product_id,
        [work.new_id(shard) for _ in range(lot.count)],
        key.major,
        work.now,
        key.kind,
        term.device_limit,
        term.ends_at,
        term.updates_until,
        reseller_id=key.reseller_id,
        purchase_id=lot.purchase_id,
    )
