"""What staff send about subscriptions, update plans and the money for them. Euros are text: "12.50"."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from activation.messages.requests import Note, Word
from activation.messages.strict import MalformedError, decode
from activation.messages.times import from_rfc3339

Euros = Annotated[str, Meta(pattern=r"^[0-9]{1,9}\.[0-9]{2}\Z")]
Login = Annotated[str, Meta(min_length=1, max_length=128)]
Major = Annotated[int, Meta(ge=0, le=32767)]
Quantity = Annotated[int, Meta(ge=1, le=10_000)]
Reference = Annotated[str, Meta(pattern=r"^[!-~]([ -~]{0,126}[!-~])?\Z")]
PaidBy = Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,31}\Z")]
Time = Annotated[str, Meta(max_length=40)]


class SubscriptionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/subscriptions`."""

    login: Login
    product: Word
    major: Major
    quantity: Quantity
    fee: Euros
    months: Literal[1, 12]
    setup_fee: Euros = "0.00"


class PlanRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/update-plans`."""

    login: Login
    product: Word
    fee: Euros
    months: Annotated[int, Meta(ge=1, le=120)]


class FeePaymentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/subscriptions/{id}/payments` and `/v1/staff/update-plans/{id}/payments`."""

    amount: Euros
    reference: Reference
    method: PaidBy = "bank"
    charge_id: Word | UnsetType = UNSET
    paid_at: Time | UnsetType = UNSET


class EndRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/subscriptions/{id}/end`."""

    by: Literal["licensor", "breach", "client"]
    note: Note


_SUBSCRIPTION: Final = msgspec.json.Decoder(SubscriptionRequest)
_PLAN: Final = msgspec.json.Decoder(PlanRequest)
_PAYMENT: Final = msgspec.json.Decoder(FeePaymentRequest)
_END: Final = msgspec.json.Decoder(EndRequest)


def parse_subscription(body: bytes) -> SubscriptionRequest:
    """Read what a subscription is for. Raises MalformedError, as all of these do."""
    return decode(_SUBSCRIPTION, body)


def parse_plan(body: bytes) -> PlanRequest:
    """Read what an update plan is for."""
    return decode(_PLAN, body)


def parse_fee_payment(body: bytes) -> FeePaymentRequest:
    """Read a payment for a fee."""
    return decode(_PAYMENT, body)


def parse_end(body: bytes) -> EndRequest:
    """Read the end of a subscription: by whom, and why."""
    return decode(_END, body)


def moment_of(field: str, text: str | UnsetType) -> int | None:
    """Return the time in `text` (RFC 3339) in seconds, or None for none. Raises MalformedError."""
    if text is UNSET:
        return None
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        raise MalformedError(field, "A time is written like 2026-11-22T15:45:00Z.") from None
