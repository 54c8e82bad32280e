"""What is seen of resellers: themselves, their users, what they owe, payments; by pages."""

from collections.abc import Sequence

from activation.licensing.reselling.charging import Charge, ChargeKind
from activation.licensing.reselling.clients import Reseller
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.reselling.clients import check_accepted, find_reseller
from activation.service.working import ORDERS, Work
from activation.storage.accounts import PersonalField
from activation.storage.reselling.charges import Payment, list_charges, list_payers, list_payments
from activation.storage.reselling.resellers import User, list_resellers, list_users
from activation.storage.reselling.terms import Acceptance, list_acceptances

UserSeen = User
PaymentSeen = Payment


@value
class ResellerSeen:
    """A reseller, whether it accepted the terms in force, what it accepted ever, and its users."""

    reseller: Reseller
    accepted: bool
    acceptances: Sequence[Acceptance]
    users: Sequence[User]


async def see_reseller(work: Work, reseller_id: int) -> ResellerSeen | Refused:
    """Return a reseller with its acceptances and users."""
    found = await find_reseller(work, reseller_id)
    if isinstance(found, Refused):
        return found
    users = await list_users(work.connection, reseller_id)
    await work.look((user.user_id for user in users), (PersonalField.LOGIN,))
    return ResellerSeen(
        found,
        await check_accepted(work, reseller_id) is None,
        await list_acceptances(work.connection, reseller_id),
        users,
    )


async def see_resellers(work: Work, after: int, limit: int) -> list[Reseller]:
    """Return a page of resellers."""
    return await list_resellers(work.connection, after, limit)


async def see_charges(
    work: Work, client_id: int | None, kind: ChargeKind | None, after: int, limit: int
) -> list[Charge]:
    """Return a page of charges; a reseller's user sees its own only."""
    own = work.person.reseller_id
    whose = own if own is not None else client_id
    charges = await list_charges(work.connection, whose, kind, after, limit)
    await work.look((one.account_id for one in charges if one.account_id is not None), (ORDERS,))
    return charges


async def see_payments(work: Work, after: int, limit: int) -> list[Payment]:
    """Return a page of payments, for staff: references are what banks write of who paid."""
    payments = await list_payments(work.connection, after, limit)
    payers = await list_payers(work.connection, [one.payment_id for one in payments])
    await work.look(payers, (ORDERS,))
    return payments
