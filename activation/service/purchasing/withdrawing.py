"""P10: a consumer withdraws: the licences are revoked, the money given back is noted."""

from decimal import Decimal
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import ORDER, to_text
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.withdrawal import Bought, refuse_withdrawal
from activation.service.licenses.standing import revoke_licenses
from activation.service.working import Work
from activation.storage.licenses.standing import Where
from activation.storage.reselling.charges import Payment, add_payment
from activation.storage.reselling.purchases import Purchase, lock_purchase, was_activated, write_withdrawn

_UNKNOWN: Final = "There is no such purchase."


@value
class Withdrawn:
    """A purchase that was withdrawn from, its revoked licences and what is given back in euros."""

    purchase_id: int
    license_ids: list[int]
    refund: Decimal


async def withdraw(work: Work, purchase_id: int) -> Withdrawn | Refused:
    """Withdraw from a purchase (P10), or say why not.

    The licences are revoked first, which holds their holdings: no device can activate one of them between
    the look and the deed. A refusal takes it back.
    """
    purchase = await lock_purchase(work.connection, purchase_id)
    if purchase is None:
        return Refused(Refusal.NOT_FOUND, "P10", _UNKNOWN)
    account_id = purchase.order.account_id or 0
    revoked = await revoke_licenses(work, Where(account_id=account_id, purchase_id=purchase_id), "P10")
    activated = await was_activated(work.connection, account_id, purchase_id)
    refused = refuse_withdrawal(_facts(purchase, activated), work.now, work.desk.week.zone)
    if refused is not None:
        return refused
    refund = purchase.order.paid
    await write_withdrawn(work.connection, purchase_id, work.now)
    await add_payment(work.connection, _refund(work, purchase))
    told = {"order": to_text(ORDER, purchase_id), "refund": str(refund), "licenses": len(revoked)}
    await work.tell(EventKind.WITHDRAWN, account_id, "P10", told)
    await work.mail(account_id, "withdrawn", {"refund": str(refund)}, f"withdrawn:{purchase_id}")
    await work.hook("purchase.withdrawn", told)
    return Withdrawn(purchase_id, revoked, refund)


def _facts(purchase: Purchase, activated: bool) -> Bought:
    order = purchase.order
    return Bought(
        order.placed_at,
        order.method,
        order.state,
        purchase.consumer,
        purchase.downloaded_at is not None,
        activated,
    )


def _refund(work: Work, purchase: Purchase) -> Payment:
    order = purchase.order
    return Payment(
        work.new_id(),
        order.purchase_id,
        None,
        -order.paid,
        work.now,
        work.person.person_id or None,
        "refund",
        f"refund:{order.purchase_id}",
    )
