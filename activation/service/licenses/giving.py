"""L5: staff give an account licences of any kind that comes from nowhere else: no pool, no subscription."""

from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import account_of_login, shard_of
from activation.licensing.kinds import REGULAR, term_of
from activation.licensing.model import LicenseKind
from activation.licensing.standing import account_refusal
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.assigning import turn_regular
from activation.service.working import Work
from activation.storage.accounts import NewLicenses, add_licenses, lock_account

GIVEN: Final = (LicenseKind.PERPETUAL, LicenseKind.FREE, LicenseKind.EVALUATION)
_NOT_GIVEN: Final = "Tests come from a reseller's pool and subscriptions from their fee."
_NO_ACCOUNT: Final = "There is no such account."
_NO_PRODUCT: Final = "There is no such product."


@value
class Gift:
    """What an account is to get; `device_limit` None is the kind's own."""

    product: str
    major: int
    kind: LicenseKind = LicenseKind.PERPETUAL
    count: int = 1
    device_limit: int | None = None


@value
class Given:
    """What it got."""

    account_id: int
    license_ids: list[int]
    kind: LicenseKind
    device_limit: int
    ends_at: int | None
    updates_until: int | None
    ended_tests: list[int]


async def give_licenses(work: Work, login: str, gift: Gift) -> Given | Refused:
    """Give the account of this login licences; a regular one ends its tests (T5)."""
    return await give_to(work, account_of_login(login), gift)


async def give_to(work: Work, account_id: int, gift: Gift) -> Given | Refused:
    """Give an account licences; a regular one ends its tests (T5)."""
    if gift.kind not in GIVEN:
        return Refused(Refusal.FORBIDDEN, "L5", _NOT_GIVEN)
    product = work.desk.catalogue.by_code.get(gift.product)
    if product is None:
        return Refused(Refusal.NOT_FOUND, "L5", _NO_PRODUCT)
    term = term_of(gift.kind, work.now, product.update_months, gift.device_limit)
    if isinstance(term, Refused):
        return term
    account = await lock_account(work.connection, account_id)
    refused = account_refusal(account) if account is not None else _unknown()
    if refused is not None:
        return refused
    ended = await turn_regular(work, account_id) if gift.kind in REGULAR else []
    new = NewLicenses(
        account_id,
        product.product_id,
        [work.new_id(shard_of(account_id)) for _ in range(gift.count)],
        gift.major,
        work.now,
        gift.kind,
        term.device_limit,
        term.ends_at,
        term.updates_until,
    )
    await add_licenses(work.connection, new)
    told = {"product": gift.product, "major": gift.major, "kind": gift.kind.name.lower(), "count": gift.count}
    await work.tell(EventKind.LICENSES_GRANTED, account_id, "L5", told)
    return Given(
        account_id,
        list(new.license_ids),
        gift.kind,
        term.device_limit,
        term.ends_at,
        term.updates_until,
        ended,
    )


def _unknown() -> Refused:
    return Refused(Refusal.NOT_FOUND, "L5", _NO_ACCOUNT)
