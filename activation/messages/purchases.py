"""What is told of direct customers' purchases: by the shop's signed events, and by staff. Closed types."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from activation.messages.requests import Word
from activation.messages.strict import decode
from activation.messages.subscriptions import Euros, Major, PaidBy, Quantity, Reference, Time

Email = Annotated[
    str, Meta(pattern=r"^[^@\s,;<>\x00-\x1f\x7f]{1,64}@[^@\s,;<>\x00-\x1f\x7f]{1,189}\Z", max_length=254)
]
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,200}\Z", max_length=200)]
Address = Annotated[str, Meta(min_length=1, max_length=500)]


class PaidOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What an order in the shop was: `order_id` is the shop's own, and names the purchase from then on."""

    order_id: Reference
    email: Email
    name: Name
    product: Word
    major: Major
    quantity: Quantity
    total: Euros
    consumer: bool
    currency: Literal["EUR"]
    address: Address | UnsetType = UNSET


class ShopOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """An order in the shop."""

    order_id: Reference


class ResellerOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """An order here: `order_id` is ours, `ord_…`."""

    order_id: Word


class ResellerPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money for an order here."""

    order_id: Word
    amount: Euros
    currency: Literal["EUR"]


class OrderPaid(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="order.paid"):
    """A purchase in the shop was paid."""

    data: PaidOrder
    timestamp: Time | UnsetType = UNSET


class OrderDownloaded(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="order.downloaded"
):
    """What was bought in the shop was downloaded."""

    data: ShopOrder
    timestamp: Time | UnsetType = UNSET


class PaymentFailed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="payment.failed"):
    """The payment of an online order placed here failed."""

    data: ResellerOrder
    timestamp: Time | UnsetType = UNSET


class ResellerOrderPaid(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="reseller_order.paid"
):
    """An order placed here was paid online."""

    data: ResellerPayment
    timestamp: Time | UnsetType = UNSET


ShopEvent = OrderPaid | OrderDownloaded | PaymentFailed | ResellerOrderPaid


class PurchaseRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/purchases`: a purchase made by mail or by purchase order, entered by hand."""

    email: Email
    name: Name
    product: Word
    major: Major
    quantity: Quantity
    total: Euros
    reference: Reference
    method: Literal["mail", "purchase_order"] = "mail"
    consumer: bool = False
    address: Address | UnsetType = UNSET


class MoneyRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/purchases/{id}/payments`."""

    amount: Euros
    reference: Reference
    method: PaidBy = "bank"
    paid_at: Time | UnsetType = UNSET


_EVENT: Final[msgspec.json.Decoder[ShopEvent]] = msgspec.json.Decoder(ShopEvent)
_PURCHASE: Final = msgspec.json.Decoder(PurchaseRequest)
_MONEY: Final = msgspec.json.Decoder(MoneyRequest)


def parse_shop_event(body: bytes) -> ShopEvent:
    """Read an event whose signature was found to be right. Raises MalformedError."""
    return decode(_EVENT, body)


def parse_purchase(body: bytes) -> PurchaseRequest:
    """Read a purchase entered by hand. Raises MalformedError."""
    return decode(_PURCHASE, body)


def parse_money(body: bytes) -> MoneyRequest:
    """Read money that came for a purchase order. Raises MalformedError."""
    return decode(_MONEY, body)
