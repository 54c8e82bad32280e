"""A reseller makes accounts for its customers, and sees them and what they have (C3)."""

from collections.abc import Sequence
from dataclasses import field
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ACCOUNT, RESELLER, account_of_login, from_text, to_text
from activation.licensing.model import Account
from activation.licensing.reselling.assigning import refuse_own_use
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.provisioning import MadeAccount, draw_account
from activation.service.reselling.givers import find_giver
from activation.service.working import Work
from activation.storage.accounts import Belonging, PersonalField, add_account
from activation.storage.reselling.assigning_many import NewAccount
from activation.storage.reselling.customers import (
    Customer,
    CustomerLicense,
    LicenseCount,
    count_licenses,
    find_by_emails,
    list_customer_licenses,
    list_customers,
)
from activation.storage.reselling.customers import find_customers as read_found

PAGE: Final = 500
License = CustomerLicense
SEEN: Final = (PersonalField.LOGIN, PersonalField.NAME, PersonalField.EMAIL, PersonalField.ADDRESS)
"""What a reseller sees of its customers (G6)."""
_NO_CUSTOMER: Final = "You have no such customer."
_KNOWN: Final = "You have a customer with this e-mail already."


@value
class NewCustomer:
    """What a reseller tells of a customer; only whether it is one of its affiliates matters to the rules."""

    name: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    address: str = field(repr=False, default="")
    affiliated: bool = False
    own_use: bool = False
    rolled_out: bool = False


@value
class CustomerView:
    """A customer and how many licences of what it was given, uses, and has free."""

    customer: Customer
    counts: tuple[LicenseCount, ...]


async def make_customer(work: Work, reseller_id: int, new: NewCustomer) -> MadeAccount | Refused:
    """Make an account for a reseller's customer; its login and passwords are shown this once (P2).

    `own_use` is for a company's own accounts (C2). Whoever gave an e-mail is told by mail.
    """
    giver = await find_giver(work, reseller_id)
    if isinstance(giver, Refused):
        return giver
    refused = refuse_own_use(giver.kind) if new.own_use else None
    if refused is not None:
        return refused
    known = await find_customer(work, reseller_id, new.email)
    if known is not None:
        facts: dict[str, object] = {"account_id": to_text(ACCOUNT, known)}
        return Refused(Refusal.CONFLICT, "P5", _KNOWN, facts=facts)
    return await store_customer(work, reseller_id, new)


async def store_customer(work: Work, reseller_id: int, new: NewCustomer) -> MadeAccount:
    """Make the account that `make_customer` found nothing against."""
    made, account = draw_account(work.desk.secrets.passwords, rolled_out=new.rolled_out)
    stored = new_account(reseller_id, made, account, new)
    await add_account(work.connection, account, work.now, stored.personal, stored.belonging)
    await work.tell(EventKind.ACCOUNT_MADE, *told_of(stored))
    if new.email:
        await work.mail(made.account_id, "account_made", {}, f"account_made:{made.account_id}")
    return made


def new_account(reseller_id: int, made: MadeAccount, account: Account, new: NewCustomer) -> NewAccount:
    """Return what is stored of a new customer."""
    personal = {
        PersonalField.LOGIN: made.login,
        PersonalField.NAME: new.name,
        PersonalField.EMAIL: new.email,
        PersonalField.ADDRESS: new.address,
    }
    return NewAccount(account, personal, Belonging(reseller_id, new.affiliated, new.own_use))


def told_of(new: NewAccount) -> tuple[int, str, dict[str, object]]:
    """Return what the log tells of a new account: about whom, by which rule, and nobody's name."""
    whose = new.belonging
    details: dict[str, object] = {
        "reseller": to_text(RESELLER, whose.reseller_id),
        "affiliated": whose.affiliated,
        "own_use": whose.own_use,
    }
    return new.account.account_id, "P2", details


async def find_customer(work: Work, reseller_id: int, email: str) -> int | None:
    """Return the id of the reseller's customer with this e-mail, or None."""
    if not email:
        return None
    wanted = email.lower()
    return (await find_by_emails(work.connection, reseller_id, [wanted])).get(wanted)


async def see_customers(
    work: Work, reseller_id: int, after: int = 0, limit: int = PAGE
) -> list[CustomerView]:
    """Return a reseller's customers with ids above `after`, and what they have."""
    customers = await list_customers(work.connection, reseller_id, after, limit)
    return await _with_counts(work, reseller_id, customers)


async def find_customers(
    work: Work, reseller_id: int, query: str = "", after: int = 0, limit: int = PAGE
) -> list[CustomerView]:
    """Return the customers whom `query` may mean: by login, account, or a part of name or e-mail.

    The newest first, after the one with the id `after`; all of them if `query` is empty.
    """
    query = query.strip()
    if "\x00" in query:
        return []  # no text of the database's has one
    named = from_text(ACCOUNT, query) or account_of_login(query)
    found = await read_found(work.connection, reseller_id, query, named, after, limit)
    return await _with_counts(work, reseller_id, found)


async def name_customer(work: Work, reseller_id: int, who: str) -> int | None:
    """Return whose account a login, an id or an e-mail names; None for an e-mail that no customer has.

    Whether the account is the reseller's customer, `assign` decides.
    """
    who = who.strip()
    if "@" in who:
        return await find_customer(work, reseller_id, who)
    return from_text(ACCOUNT, who) or account_of_login(who)


async def see_customer(work: Work, reseller_id: int, account_id: int) -> CustomerView | Refused:
    """Return one of a reseller's customers, and what it has."""
    customers = await list_customers(work.connection, reseller_id, 0, 1, account_id)
    if not customers:
        return Refused(Refusal.NOT_FOUND, "P5", _NO_CUSTOMER)
    return (await _with_counts(work, reseller_id, customers))[0]


async def see_licenses(
    work: Work, reseller_id: int, account_id: int, after: int = 0, limit: int = PAGE
) -> list[CustomerLicense]:
    """Return the licences that a reseller gave this customer, with ids above `after`."""
    return await list_customer_licenses(work.connection, reseller_id, account_id, after, limit)


async def _with_counts(work: Work, reseller_id: int, customers: Sequence[Customer]) -> list[CustomerView]:
    ids = [customer.account_id for customer in customers]
    await work.look(ids, SEEN)
    counts: dict[int, list[LicenseCount]] = {one: [] for one in ids}
    for count in await count_licenses(work.connection, reseller_id, ids, work.now):
        counts[count.account_id].append(count)
    return [CustomerView(customer, tuple(counts[customer.account_id])) for customer in customers]
