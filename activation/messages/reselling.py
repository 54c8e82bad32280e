"""What resellers and staff send about terms, users, prices, orders, payments, penalties and late payment."""

from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from activation.licensing.reselling.pricing import CENT, MOST_LICENSES, MOST_TIERS
from activation.messages.requests import Note, Word
from activation.messages.strict import MalformedError, decode
from activation.messages.times import from_rfc3339

Message = TypeVar("Message", bound=Struct)
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?\Z")]
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Email = Annotated[str, Meta(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}\Z", max_length=254)]
Version = Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{1,32}\Z")]
Licenses = Annotated[int, Meta(ge=1, le=MOST_LICENSES)]
Major = Annotated[int, Meta(ge=0, le=32767)]
Reference = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[!-~]([ -~]*[!-~])?\Z")]
Time = Annotated[str, Meta(max_length=40)]
TermsText = Annotated[str, Meta(min_length=1, max_length=200_000)]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A POST that says all by its address."""


class Acceptance(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/acceptance` (P1)."""

    version: Version


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/users` (P2)."""

    role: Literal["owner", "operator"]


class NewOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/orders` (P3)."""

    product: Word
    major: Major
    quantity: Licenses
    method: Literal["online", "purchase_order"] = "online"


class StaffOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/orders`: the same by sales, for a reseller (P3)."""

    reseller_id: Word
    product: Word
    major: Major
    quantity: Licenses
    method: Literal["online", "purchase_order", "mail"] = "purchase_order"


class NewReseller(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/resellers`; `discount` is percent off every price (P1, P4, C2)."""

    name: Name
    kind: Literal["reseller", "company"] = "reseller"
    discount: Percent | UnsetType = UNSET
    email: Email | UnsetType = UNSET


class NewTerms(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/terms` (P1, G8)."""

    version: Version
    text: TermsText
    effective_at: Time | UnsetType = UNSET


class PriceTier(Struct, frozen=True, forbid_unknown_fields=True):
    """A price per licence from a quantity on."""

    from_quantity: Licenses
    unit: Amount


class NewPrices(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/prices` (P4)."""

    product: Word
    tiers: Annotated[list[PriceTier], Meta(min_length=1, max_length=MOST_TIERS)]


class NewPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/payments`: for an order or a charge; `reference` is the bank's own (P3)."""

    amount: Amount
    reference: Reference
    method: Annotated[str, Meta(pattern=r"^[a-z_]{1,32}\Z")] = "transfer"
    order_id: Word | UnsetType = UNSET
    charge_id: Word | UnsetType = UNSET
    paid_at: Time | UnsetType = UNSET


class NewPenalty(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/penalties` (P7)."""

    reseller_id: Word
    product: Word
    licenses: Licenses
    note: Note


class ReinstatingCharge(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/late/{client_id}/charge` (P8)."""

    amount: Amount


class Termination(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/resellers/{reseller_id}/terminate` (P8, P9)."""

    why: Literal["late", "breach"]
    note: Note


class Deletion(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/resellers/{reseller_id}/deletion` (P9)."""

    evidence: Note


def parse(kind: type[Message], body: bytes) -> Message:
    """Read a message of this kind. Raises MalformedError."""
    return decode(msgspec.json.Decoder(kind), body or b"{}")


def amount_of(text: str) -> Decimal:
    """Return an amount in euros, two places."""
    return Decimal(text).quantize(CENT)


def time_of(text: str | UnsetType, field: str) -> int | None:
    """Return a time in seconds, or None when there is none. Raises MalformedError."""
    if text is UNSET:
        return None
    try:
        return from_rfc3339(text)
    except (ValueError, OverflowError):
        raise MalformedError(field, "A time is RFC 3339, such as 2026-11-22T15:45:00Z.") from None
