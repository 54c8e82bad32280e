"""S0, S1: a subscription is made for a client's account, with its fees; it runs once the first is paid."""

from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import SUBSCRIPTION, account_of_login, shard_of, to_text
from activation.licensing.model import Account, Product
from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.standing import account_refusal
from activation.licensing.subscriptions import Subscription
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.accounts import read_account
from activation.storage.reselling.charges import add_charge
from activation.storage.reselling.subscriptions import Kept, add_subscription

FIRST_FEE_DAYS_S: Final = 7 * 86_400
"""A new subscription's fees are due so long after it is made (default)."""
NO_FEE: Final = "A fee is more than nothing: a period begins when it is paid."
_NO_ACCOUNT: Final = "No account has this login."
_NO_PRODUCT: Final = "There is no such product."


@value
class Terms:
    """What a subscription is for: `quantity` licences, a fee for each period of 1 or 12 months."""

    login: str
    product: str
    major: int
    quantity: int
    fee: Decimal
    setup_fee: Decimal
    months: int


@value
class Made:
    """A subscription with the charges that stand open for it."""

    kept: Kept
    charges: list[Charge]


async def create_subscription(work: Work, terms: Terms) -> Made | Refused:
    """Make a subscription and open its set-up fee and first fee."""
    if terms.fee <= 0:
        return Refused(Refusal.CONFLICT, "S1", NO_FEE)
    client = await find_client(work, terms.login, terms.product)
    if isinstance(client, Refused):
        return client
    account, product = client
    subscription_id = work.new_id(shard_of(account.account_id))
    one = Subscription(
        subscription_id,
        account.account_id,
        product.product_id,
        terms.major,
        terms.quantity,
        terms.fee,
        terms.months,
    )
    kept = Kept(one, terms.setup_fee, work.now)
    await add_subscription(work.connection, kept)
    fees = [(ChargeKind.SETUP, terms.setup_fee)] if terms.setup_fee > 0 else []
    due_at = work.now + FIRST_FEE_DAYS_S
    charges = [
        await open_fee(work, account.account_id, kind, subscription_id, amount, due_at)
        for kind, amount in [*fees, (ChargeKind.SUBSCRIPTION, terms.fee)]
    ]
    told = {"subscription": to_text(SUBSCRIPTION, subscription_id), "quantity": terms.quantity}
    await work.tell(EventKind.SUBSCRIPTION_MADE, account.account_id, "S0", told)
    return Made(kept, charges)


async def find_client(work: Work, login: str, product: str) -> tuple[Account, Product] | Refused:
    """Return the account of a login and the product of a code, or say what is missing."""
    account = await read_account(work.connection, account_of_login(login))
    if account is None:
        return Refused(Refusal.NOT_FOUND, "S0", _NO_ACCOUNT)
    found = work.desk.catalogue.by_code.get(product)
    if found is None:
        return Refused(Refusal.NOT_FOUND, "S0", _NO_PRODUCT)
    return account_refusal(account) or (account, found)


async def open_fee(
    work: Work, account_id: int, kind: ChargeKind, about: int, amount: Decimal, due_at: int
) -> Charge:
    """Open a charge of an account's."""
    charge = Charge(
        work.new_id(), None, account_id, kind, amount, Decimal(0), work.now, due_at, ChargeState.OPEN
    )
    await add_charge(work.connection, charge, opened_by=work.person.person_id or None, about=about)
    return charge
