"""P7: a penalty for wrongly provided licences: opened, disputed, returned; unpaid, it disables."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import PENALTY, to_text
from activation.licensing.model import Hold
from activation.licensing.reselling.charging import Charge, ChargeKind, ChargeState, refuse_step
from activation.licensing.reselling.penalties import (
    after_dispute,
    is_overdue,
    penalty_amount,
    penalty_due_at,
    refuse_disabling,
)
from activation.licensing.reselling.pricing import retail_price
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.holding import Client, let_go, suspend
from activation.service.reselling.pricing import find_product
from activation.service.working import Work
from activation.storage.reselling.charges import (
    Payment,
    add_charge,
    add_payment,
    list_open,
    read_charge,
    write_charge,
)
from activation.storage.reselling.pool_ledger import lock_reseller
from activation.storage.reselling.terms import read_prices

_UNKNOWN: Final = "There is no such penalty."


@value
class Outcome:
    """A penalty after a step: what is to be refunded (euros), how many licences changed their standing."""

    charge: Charge
    refund: Decimal = Decimal("0.00")
    licenses: int = 0


async def open_penalty(
    work: Work, reseller_id: int, product: str, licenses: int, note: str
) -> Charge | Refused:
    """Open a penalty of twice the retail price for each licence, due in 2 weeks."""
    client = await find_reseller(work, reseller_id, lock=True)
    if isinstance(client, Refused):
        return client
    found = await find_product(work, product)
    if isinstance(found, Refused):
        return found
    _, table = await read_prices(work.connection, found.product_id, work.now)
    retail = retail_price(table)
    if isinstance(retail, Refused):
        return retail
    charge = Charge(
        charge_id=work.new_id(),
        reseller_id=reseller_id,
        account_id=None,
        kind=ChargeKind.PENALTY,
        amount=penalty_amount(retail, licenses),
        paid=Decimal("0.00"),
        opened_at=work.now,
        due_at=penalty_due_at(work.now),
        state=ChargeState.OPEN,
        licenses=licenses,
    )
    await add_charge(work.connection, charge, opened_by=work.person.person_id or None, note=note)
    told = {"product": product, "licenses": licenses, "amount": str(charge.amount), "retail": str(retail)}
    await _tell(work, EventKind.PENALTY_OPENED, charge, **told)
    await work.mail(reseller_id, "penalty_opened", {"amount": str(charge.amount), "due_at": charge.due_at})
    return charge


async def dispute_penalty(work: Work, charge_id: int) -> Outcome | Refused:
    """Note that the reseller disputes a penalty: meanwhile nothing is disabled for it."""
    charge = await _find(work, charge_id, ChargeState.DISPUTED)
    if isinstance(charge, Refused):
        return charge
    after = await _write(work, charge, charge.paid, ChargeState.DISPUTED)
    await _tell(work, EventKind.PENALTY_DISPUTED, after)
    return Outcome(after)


async def uphold_penalty(work: Work, charge_id: int) -> Outcome | Refused:
    """End a dispute that the reseller lost: the penalty stands as before."""
    charge = await _find(work, charge_id, ChargeState.OPEN)
    if isinstance(charge, Refused):
        return charge
    after = await _write(work, charge, charge.paid, after_dispute(charge))
    await _tell(work, EventKind.PENALTY_DISPUTED, after, upheld=True)
    return Outcome(after)


async def return_penalty(work: Work, charge_id: int) -> Outcome | Refused:
    """End a dispute that the reseller won: what was paid is returned, and the reseller reinstated."""
    charge = await _find(work, charge_id, ChargeState.RETURNED)
    if isinstance(charge, Refused):
        return charge
    refund = charge.paid
    if refund > 0:
        await add_payment(work.connection, _refund(work, charge))
    after = await _write(work, charge, Decimal("0.00"), ChargeState.RETURNED)
    await _tell(work, EventKind.PENALTY_RETURNED, after, refund=str(refund))
    released = await release_penalties(work, after.reseller_id or 0)
    if isinstance(released, Refused):
        return released
    return Outcome(after, refund, len(released))


async def disable_licenses(work: Work, charge_id: int) -> Outcome | Refused:
    """Disable all licences under any of the reseller's orders, assigned or not, for an unpaid penalty."""
    charge = await _find(work, charge_id, None)
    if isinstance(charge, Refused):
        return charge
    refused = refuse_disabling(charge, work.now)
    if refused is not None:
        return refused
    held = await suspend(work, Client(charge.reseller_id), Hold.PENALTY, "P7")
    return held if isinstance(held, Refused) else Outcome(charge, licenses=len(held))


async def release_penalties(work: Work, reseller_id: int) -> list[int] | Refused:
    """Reinstate a reseller that was disabled, if no penalty is unpaid past its term; return its licences."""
    client = await find_reseller(work, reseller_id, lock=True)
    if isinstance(client, Refused):
        return client
    unpaid = await list_open(work.connection, ChargeKind.PENALTY, reseller_id)
    if not client.holds & Hold.PENALTY or any(is_overdue(one, work.now) for one in unpaid):
        return []
    return await let_go(work, Client(reseller_id), Hold.PENALTY, "P7")


async def _find(work: Work, charge_id: int, wanted: ChargeState | None) -> Charge | Refused:
    """Lock the reseller, then the penalty, and check that it may become what is wanted."""
    seen = await read_charge(work.connection, charge_id)
    if seen is None or seen.kind is not ChargeKind.PENALTY or seen.reseller_id is None:
        return Refused(Refusal.NOT_FOUND, "P7", _UNKNOWN)
    await lock_reseller(work.connection, seen.reseller_id)
    charge = await read_charge(work.connection, charge_id, lock=True) or seen
    refused = refuse_step(charge, wanted, "P7") if wanted is not None else None
    return refused or charge


async def _write(work: Work, charge: Charge, paid: Decimal, state: ChargeState) -> Charge:
    is_over = state in (ChargeState.RETURNED, ChargeState.PAID)
    closed_at = work.now if is_over else None
    await write_charge(work.connection, charge.charge_id, paid, state, closed_at)
    return replace(charge, paid=paid, state=state, closed_at=closed_at)


def _refund(work: Work, charge: Charge) -> Payment:
    return Payment(
        work.new_id(),
        None,
        charge.charge_id,
        -charge.paid,
        work.now,
        work.person.person_id or None,
        "refund",
        f"refund:{to_text(PENALTY, charge.charge_id)}",
    )


async def _tell(work: Work, kind: EventKind, charge: Charge, **details: object) -> None:
    told = {"penalty": to_text(PENALTY, charge.charge_id), **details}
    await work.tell(kind, charge.reseller_id or 0, "P7", told)
