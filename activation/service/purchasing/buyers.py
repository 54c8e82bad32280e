"""C1: who bought: the account with this e-mail, or a new one whose login is mailed."""

from dataclasses import field

from activation.licensing.events import EventKind
from activation.licensing.model import AccountState
from activation.licensing.values import value
from activation.service.mailing.sealing import seal
from activation.service.provisioning import draw_account
from activation.service.working import Work
from activation.storage.accounts import PersonalField, add_account, lock_account
from activation.storage.reselling.purchases import EmailOwner, add_email, find_by_email
from crypto.passwords import hash_secret
from crypto.pepper import each_of


@value
class Buyer:
    """Who bought, as the shop or the buyer's mail says."""

    email: str = field(repr=False)
    name: str = field(repr=False, default="")
    address: str = field(repr=False, default="")


@value
class BuyersAccount:
    """The account that a purchase goes to. `sealed` holds a new one's password, for its mail alone."""

    account_id: int
    sealed: str | None = field(repr=False, default=None)


async def find_or_make_account(work: Work, buyer: Buyer) -> BuyersAccount:
    """Return the buyer's account, locked; make it for a first purchase.

    Two first purchases at once: the e-mail's key lets one make the account, the other is decided again. A
    closed account is nobody's any more: its e-mail begins anew.
    """
    digest = digest_email(work.desk.secrets.passwords, buyer.email)
    known = await _find_owner(work, buyer.email)
    if known is not None:
        account = await lock_account(work.connection, known.account_id)
        if account is not None and account.state is AccountState.OPEN:
            return BuyersAccount(known.account_id)
    return await _make(work, buyer, digest, known.account_id if known is not None else None)


async def _find_owner(work: Work, email: str) -> EmailOwner | None:
    """Return whose e-mail this is, found under whichever version of the pepper (D5)."""
    for key in each_of(work.desk.secrets.passwords):
        found = await find_by_email(work.connection, digest_email(key, email))
        if found is not None:
            return found
    return None


def digest_email(key: bytes, email: str) -> bytes:
    """Return the keyed digest that an e-mail is found by; case and outer blanks do not matter."""
    return hash_secret(key, "e-mail of an account", email.strip().casefold())


async def _make(work: Work, buyer: Buyer, digest: bytes, instead_of: int | None) -> BuyersAccount:
    made, account = draw_account(work.desk.secrets.passwords)
    personal = {
        PersonalField.LOGIN: made.login,
        PersonalField.NAME: buyer.name,
        PersonalField.EMAIL: buyer.email.strip(),
        PersonalField.ADDRESS: buyer.address,
    }
    await add_account(work.connection, account, work.now, personal)
    await add_email(work.connection, EmailOwner(made.account_id, digest), instead_of)
    await work.tell(EventKind.ACCOUNT_MADE, made.account_id, "C1")
    return BuyersAccount(made.account_id, seal(work.desk.secrets.mail, {"password": made.password}))
