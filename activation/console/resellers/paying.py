"""The form by which sales record what came in by the bank, for an order or for a charge (P3, P8)."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from activation.licensing.reselling.pricing import CENT
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.reselling import Reference
from activation.service.reselling.paying import Money, Paid
from activation.service.reselling.recording import record_receipt
from activation.service.working import Work

Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,9}([.,][0-9]{1,2})?\Z")]
METHODS: Final = ("transfer", "card", "cash", "other")
_NO_DATE: Final = "A date has a year, a month and a day."


class PaymentForm(Struct, frozen=True, forbid_unknown_fields=True):
    """How many euros came in, when, and under which reference of the bank's."""

    amount: Amount
    reference: Reference
    method: Literal["transfer", "card", "cash", "other"] = "transfer"
    paid_on: Annotated[str, Meta(max_length=10)] | None = None


async def record(
    work: Work, form: PaymentForm, since: int, *, purchase_id: int | None = None, charge_id: int | None = None
) -> Paid | Refused:
    """Record a payment for what there is `since` (seconds): what counts is the day on which it was paid."""
    paid_at = day_of(form.paid_on, work.desk.week.zone, "paid_on")
    if isinstance(paid_at, Refused):
        return paid_at
    money = Money(
        amount_of(form.amount), form.method, form.reference, None if paid_at is None else max(paid_at, since)
    )
    return await record_receipt(work, money, purchase_id, charge_id)


def told_of(paid: Paid) -> str:
    """Return the key of the text that tells of a payment."""
    if not paid.fresh:
        return "resellers.payment.before"
    return "resellers.payment.settled" if paid.settled else "resellers.payment.part"


def amount_of(text: str) -> Decimal:
    """Return an amount in euros as people type it, with a point or a comma."""
    return Decimal(text.replace(",", ".")).quantize(CENT)


def day_of(text: str | None, zone: ZoneInfo, field: str) -> int | Refused | None:
    """Return when a day begins in a zone (seconds); `field` is where it was typed, as 2026-11-23."""
    if text is None:
        return None
    try:
        return int(datetime.combine(date.fromisoformat(text), time(), zone).timestamp())
    except (ValueError, OverflowError):
        return Refused(Refusal.MALFORMED, "request", _NO_DATE, facts={"field": field})
