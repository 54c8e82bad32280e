"""T1-T4, T6: sales grants a reseller test licences, and the reseller assigns them to accounts."""

from hashlib import blake2b
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.clients import refuse_standing
from activation.licensing.reselling.pool import PoolKey, PoolWhy
from activation.licensing.reselling.testing import refuse_tests
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.reselling.assigning import (
    NO_PRODUCT,
    Wish,
    hand_over,
    open_case,
)
from activation.service.reselling.givers import NO_RESELLER
from activation.service.reselling.handing import Assigned
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.reselling.assignments import add_occasion, count_occasions, lock_giver
from activation.storage.reselling.customers import RunningTest, list_running_tests, read_email
from activation.storage.reselling.pool_ledger import enter
from crypto.passwords import name_version
from crypto.pepper import each_of

PAGE: Final = 100
Running = RunningTest


@value
class Granted:
    """Test licences granted to a reseller, and how many of this product it has to assign now."""

    reseller_id: int
    product: str
    major: int
    count: int
    balance: int


async def grant_tests(
    work: Work, reseller_id: int, product: str, major: int, count: int
) -> Granted | Refused:
    """T1: grant a reseller a number of test licences of a product's major version."""
    found = work.desk.catalogue.by_code.get(product)
    if found is None:
        return NO_PRODUCT
    giver = await lock_giver(work.connection, reseller_id)
    if giver is None:
        return NO_RESELLER
    refused = refuse_standing(giver.state)
    if refused is not None:
        return refused
    key = PoolKey(reseller_id, found.product_id, major, LicenseKind.TEST)
    actor_id = work.person.person_id or None
    balance = await enter(work.connection, key, count, PoolWhy.TESTS_GRANTED, now=work.now, actor_id=actor_id)
    told = {"product": product, "major": major, "count": count, "reseller": to_text(RESELLER, reseller_id)}
    await work.tell(EventKind.TESTS_GRANTED, reseller_id, "T1", told)
    return Granted(reseller_id, product, major, count, balance)


async def assign_tests(work: Work, reseller_id: int, wish: Wish) -> Assigned | Refused:
    """T2-T4: assign test licences to a customer who never had a regular one, on one of two occasions."""
    case = await open_case(work, reseller_id, wish, LicenseKind.TEST)
    if isinstance(case, Refused):
        return case
    email = await read_email(work.connection, wish.account_id)
    digests = occasion_digests(work.desk.secrets.occasions, wish.account_id, email)
    occasions = await count_occasions(work.connection, _digests_each(work, wish.account_id, email))
    refused = refuse_tests(case.giver, case.recipient, occasions, case.available, wish.count)
    if refused is not None:
        return refused
    await add_occasion(work.connection, digests, occasions + 1, work.now)
    return await hand_over(work, case, wish)


async def see_running_tests(
    work: Work, reseller_id: int, after: int = 0, limit: int = PAGE
) -> list[RunningTest]:
    """Return the test licences that a reseller gave and that still run, with ids above `after`."""
    found = await list_running_tests(work.connection, reseller_id, work.now, after, limit)
    await work.look((one.account_id for one in found), (PersonalField.LOGIN, PersonalField.NAME))
    return found


def _digests_each(work: Work, account_id: int, email: str) -> list[bytes]:
    """Return as what earlier occasions may be remembered, under every version of the pepper (D5)."""
    keys = each_of(work.desk.secrets.occasions)
    return [digest for key in keys for digest in occasion_digests(key, account_id, email)]


def occasion_digests(key: bytes, account_id: int, email: str) -> list[bytes]:
    """Return as what an occasion is remembered (T3): digests of the account and of its e-mail, if any.

    They tell neither without the key, and hold when the account is erased and made again.
    """
    named = [b"account:%d" % account_id]
    if email:
        named.append(b"email:" + email.strip().casefold().encode())
    return [
        name_version(key, blake2b(name, digest_size=16, key=key, person=b"occasion").digest())
        for name in named
    ]
