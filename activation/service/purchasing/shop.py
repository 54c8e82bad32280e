"""C1: what the shop tells of, each event once: its first answer is kept and given again."""

import hashlib
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Desk
from activation.service.not_now import unavailable
from activation.service.purchasing.buying import Basket, buy
from activation.service.reselling.ordering import cancel_order, find_order
from activation.service.reselling.paying import Money, take_payment
from activation.service.working import Work, act_as_system
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.idempotency import claim, keep
from activation.storage.reselling.purchases import find_purchase, mark_downloaded

_NOBODY: Final = 0
_JSON: Final = "application/json"
_MISMATCH: Final = "This event's id was used for another event."


@value
class Heard:
    """What an event came to: a word for it, and the purchase it is about, if it is one of ours."""

    outcome: str
    purchase_id: int | None = None


Answer = Callable[[Work], Awaitable[bytes | Refused]]
"""Does what an event asks for, and returns the JSON to answer it with."""


async def hear_once(desk: Desk, event_id: str, body: bytes, answer: Answer) -> bytes | Refused:
    """Answer an event, or give the answer that it got before. A refusal is kept by nobody: try again."""
    request_hash = hashlib.blake2b(body, digest_size=16, person=b"shop event").digest()

    async def run(work: Work) -> bytes | Refused:
        kept = await claim(work.connection, _NOBODY, f"shop:{event_id}", request_hash, work.now)
        if kept is not None:
            if kept.request_hash != request_hash:
                return Refused(Refusal.IDEMPOTENCY_MISMATCH, "C1", _MISMATCH)
            return kept.answer
        told = await answer(work)
        if not isinstance(told, Refused):
            await keep(work.connection, _NOBODY, f"shop:{event_id}", 200, _JSON, told)
        return told

    try:
        return await act_as_system(desk, run)
    except DatabaseUnavailableError:
        return unavailable()


async def hear_paid(work: Work, basket: Basket) -> Heard | Refused:
    """A paid purchase makes the account by itself (C1)."""
    bought = await buy(work, basket)
    if isinstance(bought, Refused):
        return bought
    return Heard("done" if bought.fresh else "known", bought.purchase_id)


async def hear_downloaded(work: Work, reference: str) -> Heard | Refused:
    """The product was downloaded: no withdrawing any more (P10)."""
    purchase = await find_purchase(work.connection, reference)
    if purchase is None:
        return Heard("unknown")
    await mark_downloaded(work.connection, purchase.order.purchase_id, work.now)
    return Heard("done", purchase.order.purchase_id)


async def hear_failed(work: Work, purchase_id: int) -> Heard | Refused:
    """A payment failed: an online order that waits for it is cancelled (P3), anything else stays."""
    order = await find_order(work, purchase_id, lock=True)
    if isinstance(order, Refused):
        return Heard("unknown")
    if order.method is not Method.ONLINE or order.state is not OrderState.OPEN or order.paid > 0:
        return Heard("nothing to do", purchase_id)
    cancelled = await cancel_order(work, purchase_id)
    return cancelled if isinstance(cancelled, Refused) else Heard("done", purchase_id)


async def hear_order_paid(work: Work, purchase_id: int, amount: Decimal, reference: str) -> Heard | Refused:
    """Money came for an order of a reseller's (P3)."""
    paid = await take_payment(work, Money(amount, "online", reference), purchase_id=purchase_id)
    if isinstance(paid, Refused):
        return paid
    return Heard("done" if paid.fresh else "known", purchase_id)
