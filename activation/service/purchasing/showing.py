"""C3: what a client has bought, uses, and has free."""

from typing import Final

from activation.licensing.identifiers import account_of_login
from activation.licensing.model import AccountState
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.subscribing.listing import Row, list_of
from activation.service.working import ORDERS, Work
from activation.storage.accounts import PersonalField, read_account
from activation.storage.reselling.purchases import HeldCount, Purchase, count_held, purchases_of

MOST_PURCHASES: Final = 200
_UNKNOWN: Final = "No account has this login."


@value
class AccountView:
    """An account with its counts, its newest purchases, and its subscriptions."""

    account_id: int
    state: AccountState
    held: list[HeldCount]
    purchases: list[Purchase]
    subscriptions: list[Row]


async def show_account(work: Work, login: str) -> AccountView | Refused:
    """Return what the account of a login has (C3)."""
    return await show_account_of(work, account_of_login(login))


async def show_account_of(work: Work, account_id: int) -> AccountView | Refused:
    """Return what an account has (C3)."""
    account = await read_account(work.connection, account_id)
    if account is None:
        return Refused(Refusal.NOT_FOUND, "C3", _UNKNOWN)
    await work.look([account.account_id], (PersonalField.LOGIN, ORDERS))
    return AccountView(
        account.account_id,
        account.state,
        await count_held(work.connection, account.account_id, work.now),
        await purchases_of(work.connection, account.account_id, MOST_PURCHASES),
        await list_of(work, account.account_id),
    )
