"""What addresses about resellers answer: plain objects, money as text, times as RFC 3339."""

from collections.abc import Mapping, Sequence
from typing import Any

from activation.http.naming import id_of
from activation.licensing.identifiers import (
    ACCOUNT,
    CHARGE,
    ORDER,
    PAYMENT,
    PENALTY,
    RESELLER,
    to_text,
)
from activation.licensing.model import Hold
from activation.licensing.reselling.charging import Charge, ChargeKind
from activation.licensing.reselling.clients import Reseller
from activation.licensing.reselling.ordering import Order, state_of
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.provisioning import MadeUser
from activation.service.reselling.agreeing import TermsSeen, Text
from activation.service.reselling.holding import Client
from activation.service.reselling.pricing import Priced
from activation.service.reselling.seeing import UserSeen
from activation.service.working import Work

Json = dict[str, Any]


def tell_page(name: str, told: Sequence[Json], limit: int, key: str) -> Json:
    """Tell a page; `next_after` is there when more may follow."""
    page: Json = {name: told}
    if told and len(told) == limit:
        page["next_after"] = told[-1][key]
    return page


def charge_of(text: str) -> int:
    """Return the charge that an id names, a penalty or another."""
    return id_of(CHARGE, text) or id_of(PENALTY, text)


def tell_order(work: Work, order: Order) -> Json:
    """Tell an order."""
    product = work.desk.catalogue.by_id.get(order.product_id)
    told: Json = {"order_id": to_text(ORDER, order.purchase_id)}
    if order.reseller_id is not None:
        told["reseller_id"] = to_text(RESELLER, order.reseller_id)
    if order.account_id is not None:
        told["account_id"] = to_text(ACCOUNT, order.account_id)
    return told | {
        "product": product.code if product is not None else None,
        "major": order.major,
        "quantity": order.quantity,
        "unit": str(order.unit),
        "total": str(order.total),
        "paid": str(order.paid),
        "method": order.method.name.lower(),
        "state": state_of(order, work.now).name.lower(),
        "placed_at": to_rfc3339(order.placed_at),
        "due_at": to_rfc3339(order.due_at),
        "paid_at": optional_rfc3339(order.paid_at),
    }


def tell_charge(charge: Charge) -> Json:
    """Tell a charge; a penalty has an id that says so, too."""
    told: Json = {"charge_id": to_text(CHARGE, charge.charge_id)}
    if charge.kind is ChargeKind.PENALTY:
        told["penalty_id"] = to_text(PENALTY, charge.charge_id)
    return {
        **told,
        **tell_client(Client(charge.reseller_id, charge.account_id)),
        "kind": charge.kind.name.lower(),
        "amount": str(charge.amount),
        "paid": str(charge.paid),
        "licenses": charge.licenses,
        "state": charge.state.name.lower(),
        "opened_at": to_rfc3339(charge.opened_at),
        "due_at": to_rfc3339(charge.due_at),
    }


def tell_client(client: Client) -> Json:
    """Tell who a client is, by its id alone."""
    if client.reseller_id is not None:
        return {"reseller_id": to_text(RESELLER, client.reseller_id)}
    return {"account_id": to_text(ACCOUNT, client.subject)}


def tell_reseller(reseller: Reseller, now: int) -> Json:
    """Tell a reseller, and how it stands."""
    due_at = reseller.deletion_due_at
    open_until = due_at if reseller.deletion_confirmed_at is None else None
    return {
        "reseller_id": to_text(RESELLER, reseller.reseller_id),
        "name": reseller.name,
        "kind": reseller.kind.name.lower(),
        "state": reseller.state.name.lower(),
        "held_for": [hold.name.lower() for hold in Hold if hold in reseller.holds and hold.name],
        "discount": None if reseller.discount is None else str(reseller.discount),
        "created_at": to_rfc3339(reseller.created_at),
        "terminated_at": optional_rfc3339(reseller.terminated_at),
        "terminated_why": reseller.terminated_why,
        "deletion_due_at": optional_rfc3339(due_at),
        "deletion_confirmed_at": optional_rfc3339(reseller.deletion_confirmed_at),
        "deletion_overdue": open_until is not None and now >= open_until,
    }


def tell_login(made: MadeUser) -> Json:
    """Tell generated credentials, this once (P2)."""
    told: Json = {} if made.reseller_id is None else {"reseller_id": to_text(RESELLER, made.reseller_id)}
    return told | {
        "login": made.login,
        "password": made.password,
        "totp_secret": made.totp_secret,
        "token": made.token,
    }


def tell_user(user: UserSeen) -> Json:
    """Tell a user of a reseller's account."""
    return {
        "login": user.login,
        "role": user.role,
        "state": "open" if user.is_open else "closed",
        "created_at": to_rfc3339(user.created_at),
    }


def tell_terms(seen: TermsSeen) -> Json:
    """Tell the terms in force and those announced."""
    return {
        "current": None if seen.current is None else _tell_text(seen.current),
        "announced": [_tell_text(one) for one in seen.announced],
    }


def _tell_text(text: Text) -> Json:
    return {
        "version": text.terms.version,
        "published_at": to_rfc3339(text.terms.published_at),
        "effective_at": to_rfc3339(text.terms.effective_at),
        "accepted_at": optional_rfc3339(text.accepted_at),
        "text": text.body,
    }


def tell_prices(priced: Sequence[Priced]) -> Mapping[str, Any]:
    """Tell price tables."""
    return {"prices": [tell_priced(one) for one in priced]}


def tell_priced(priced: Priced) -> Json:
    """Tell one product's price table."""
    return {
        "product": priced.product,
        "since": optional_rfc3339(priced.since),
        "tiers": [{"from_quantity": tier.from_quantity, "unit": str(tier.unit)} for tier in priced.table],
    }


def tell_payment_id(payment_id: int) -> str:
    """Tell a payment's id."""
    return to_text(PAYMENT, payment_id)
