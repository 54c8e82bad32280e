"""P8: who is late and by how much; suspending, charging for it, reinstating, ending a direct client."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import CHARGE, to_text
from activation.licensing.model import Hold
from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState
from activation.licensing.reselling.clients import ResellerState, refuse_standing
from activation.licensing.reselling.lateness import (
    REINSTATING_S,
    Due,
    business_days_late,
    days_late,
    oldest_due,
    refuse_ending,
    refuse_reinstating,
    refuse_suspending,
)
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.standing import revoke_licenses
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.holding import Client, let_go, suspend
from activation.service.reselling.penalising import release_penalties
from activation.service.working import ORDERS, Work
from activation.storage.accounts import read_account
from activation.storage.reselling.charges import add_charge, list_open
from activation.storage.reselling.orders import list_unpaid

_UNKNOWN: Final = "There is no such client."
_PENALTY: Final = "A penalty of this reseller is unpaid past its term."
_NOT_HELD: Final = "This client is not suspended."
_AGREEMENT: Final = "A reseller's agreement is ended by terminating it."


@value
class Late:
    """A client past due: since when, how many days and business days late, how much is owed (euros)."""

    client: Client
    since: int
    days: int
    business_days: int
    owed: Decimal
    may_suspend: bool
    may_end: bool


async def list_late(work: Work) -> list[Late]:
    """Return all clients that owe something past due, the longest late first."""
    found: dict[Client, list[Due]] = {}
    for column in ("reseller_id", "account_id"):
        for order in await list_unpaid(work.connection, column, None, work.now):
            client = Client(order.reseller_id, order.account_id)
            found.setdefault(client, []).append(Due(order.due_at, order.owed))
    for charge in await list_open(work.connection, ChargeKind.REINSTATING):
        if charge.due_at < work.now:
            client = Client(charge.reseller_id, charge.account_id)
            found.setdefault(client, []).append(Due(charge.due_at, charge.owed))
    await work.look((one.account_id for one in found if one.account_id is not None), (ORDERS,))
    late = [_late(work, client, dues) for client, dues in found.items()]
    return sorted(late, key=lambda one: one.since)


def _late(work: Work, client: Client, dues: Sequence[Due]) -> Late:
    since = min(due.due_at for due in dues)
    zone = work.desk.week.zone
    return Late(
        client,
        since,
        days_late(since, work.now, zone),
        business_days_late(since, work.now, zone),
        sum((due.owed for due in dues), Decimal(0)),
        refuse_suspending(since, work.now, zone) is None,
        refuse_ending(since, work.now, zone) is None,
    )


async def read_late(work: Work, client: Client) -> Late | Refused | None:
    """Return how late one client is; None when nothing is past due. Of a direct client, it is a look."""
    if client.account_id is not None:
        if await read_account(work.connection, client.account_id) is None:
            return Refused(Refusal.NOT_FOUND, "P8", _UNKNOWN)
        await work.look([client.account_id], (ORDERS,))
    dues = [due for due in await read_dues(work, client) if due.due_at < work.now]
    return _late(work, client, dues) if dues else None


async def read_dues(work: Work, client: Client) -> list[Due]:
    """Return what a client owes: orders past due, and charges for reinstating, due or not."""
    column = "account_id" if client.reseller_id is None else "reseller_id"
    orders = await list_unpaid(work.connection, column, client.subject, work.now)
    charges = await list_open(work.connection, ChargeKind.REINSTATING, client.subject)
    return [
        *(Due(order.due_at, order.owed) for order in orders),
        *(Due(charge.due_at, charge.owed) for charge in charges),
    ]


async def suspend_late(work: Work, client: Client) -> list[int] | Refused:
    """Suspend a client from the 4th day past due on; return the ids of licences not held before."""
    refused = await _refuse_unknown(work, client)
    if refused is None:
        oldest = oldest_due(await read_dues(work, client), work.now)
        refused = refuse_suspending(oldest, work.now, work.desk.week.zone)
    return refused or await suspend(work, client, Hold.LATE, "P8")


async def charge_reinstating(work: Work, client: Client, amount: Decimal) -> Charge | Refused:
    """Charge a client for being reinstated; due in 7 days, and before it is reinstated."""
    refused = await _refuse_unknown(work, client)
    if refused is not None:
        return refused
    charge = Charge(
        charge_id=work.new_id(),
        reseller_id=client.reseller_id,
        account_id=client.account_id,
        kind=ChargeKind.REINSTATING,
        amount=amount,
        paid=Decimal("0.00"),
        opened_at=work.now,
        due_at=work.now + REINSTATING_S,
        state=ChargeState.OPEN,
    )
    await add_charge(work.connection, charge, opened_by=work.person.person_id or None)
    told = {"charge": to_text(CHARGE, charge.charge_id), "amount": str(amount)}
    await work.tell(EventKind.LATE, client.subject, "P8", told)
    return charge


async def reinstate(work: Work, client: Client) -> list[int] | Refused:
    """Reinstate a client that has paid all that is due; return the ids of licences let go of."""
    refused = await _refuse_unknown(work, client)
    if refused is not None:
        return refused
    owed = sum((due.owed for due in await read_dues(work, client)), Decimal(0))
    refused = refuse_reinstating(owed)
    if refused is not None:
        return refused
    if client.reseller_id is None:
        return await let_go(work, client, Hold.LATE, "P8")
    return await _reinstate_reseller(work, client.reseller_id)


async def _reinstate_reseller(work: Work, reseller_id: int) -> list[int] | Refused:
    """Let go of what a reseller was held for: lateness, and penalties that are all paid (P7)."""
    found = await find_reseller(work, reseller_id)
    if isinstance(found, Refused):
        return found
    if not found.holds:
        return Refused(Refusal.CONFLICT, "P8", _NOT_HELD)
    released: list[int] | Refused = []
    if found.holds & Hold.LATE:
        released = await let_go(work, Client(reseller_id), Hold.LATE, "P8")
    others = await release_penalties(work, reseller_id)
    if isinstance(released, Refused) or isinstance(others, Refused):
        return released if isinstance(released, Refused) else others
    left = await find_reseller(work, reseller_id)
    if isinstance(left, Refused) or left.holds == found.holds:
        return Refused(Refusal.ORDER_UNPAID, "P7", _PENALTY)
    return [*released, *others]


async def end_direct_client(work: Work, client: Client) -> list[int] | Refused:
    """End a direct client's licences when it is more than 10 business days late; return their ids."""
    if client.account_id is None:
        return Refused(Refusal.CONFLICT, "P8", _AGREEMENT)
    refused = await _refuse_unknown(work, client)
    if refused is None:
        oldest = oldest_due(await read_dues(work, client), work.now)
        refused = refuse_ending(oldest, work.now, work.desk.week.zone)
    return refused or await revoke_licenses(work, client.where, "P8")


async def _refuse_unknown(work: Work, client: Client) -> Refused | None:
    if client.reseller_id is not None:
        found = await find_reseller(work, client.reseller_id, lock=True)
        if isinstance(found, Refused):
            return found
        return refuse_standing(found.state) if found.state is ResellerState.TERMINATED else None
    account = await read_account(work.connection, client.subject)
    return None if account is not None else Refused(Refusal.NOT_FOUND, "P8", _UNKNOWN)
