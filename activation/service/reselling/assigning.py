"""P5: licences out of a reseller's pool to an end-user account, exactly one for each and for good.

The reseller's row is locked first and the account's next, by everybody, so that neither the pool (P5, P6)
nor the account (T3-T5) is decided upon twice at a time.
"""

from dataclasses import replace
from typing import Final

from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.kinds import term_of
from activation.licensing.model import LicenseKind, Product
from activation.licensing.reselling.affiliates import Share
from activation.licensing.reselling.assigning import Giver, Recipient, refuse_assignment
from activation.licensing.reselling.pool import PoolKey, take_oldest
from activation.licensing.values import value
from activation.licensing.verdicts import Filed, Refusal, Refused
from activation.service.reselling.givers import find_giver
from activation.service.reselling.handing import Assigned, draw_licenses, write_handed
from activation.service.reselling.handing import turn_regular as turn_many_regular
from activation.service.working import Work
from activation.storage.reselling.assignments import read_balance, read_share
from activation.storage.reselling.customers import lock_recipient
from activation.storage.reselling.pool_ledger import read_lots

LIMITS: Final = frozenset({Refusal.POOL_EXHAUSTED, Refusal.AFFILIATE_LIMIT, Refusal.TEST_LIMIT})
NO_ACCOUNT: Final = Refused(Refusal.NOT_FOUND, "P5", "You have no such customer.")
NO_PRODUCT: Final = Refused(Refusal.NOT_FOUND, "P5", "There is no such product.")


@value
class Wish:
    """How many licences of what an account is to get."""

    account_id: int
    product: str
    major: int
    count: int = 1


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
    return await hand_over(work, case, wish)


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
    ended = await turn_many_regular(work, [account_id])
    return list(ended.get(account_id, ()))


async def open_case(work: Work, reseller_id: int, wish: Wish, kind: LicenseKind) -> Case | Refused:
    """Lock and read what an assignment out of this kind of pool is decided upon."""
    product = work.desk.catalogue.by_code.get(wish.product)
    if product is None:
        return NO_PRODUCT
    giver = await find_giver(work, reseller_id)
    if isinstance(giver, Refused):
        return giver
    recipient = await lock_recipient(work.connection, reseller_id, wish.account_id)
    if recipient is None:
        return NO_ACCOUNT
    key = PoolKey(reseller_id, product.product_id, wish.major, kind)
    return Case(giver, recipient, product, key, await read_balance(work.connection, key))


async def hand_over(work: Work, case: Case, wish: Wish) -> Assigned | Refused:
    """Take the licences out of the pool, oldest order first, and put them into the account."""
    term = term_of(case.key.kind, work.now, case.product.update_months)
    if isinstance(term, Refused):
        return term
    lots = take_oldest(await read_lots(work.connection, case.key), wish.count)
    handed = draw_licenses(work, case.key, wish.product, case.recipient, lots, term)
    ended = await write_handed(work, [], [handed])
    return replace(handed.assigned, ended_tests=ended.get(wish.account_id, ()))
