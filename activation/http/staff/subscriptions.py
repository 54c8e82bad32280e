"""Subscriptions and update plans for the licensor's staff (S0-S5)."""

from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET, UnsetType

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import CHARGE, PLAN, SUBSCRIPTION, from_text, to_text
from activation.licensing.reselling.charging import Charge
from activation.licensing.roles import Act
from activation.licensing.subscriptions import EndedBy
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.subscriptions import (
    EndRequest,
    FeePaymentRequest,
    PlanRequest,
    SubscriptionRequest,
    moment_of,
    parse_end,
    parse_fee_payment,
    parse_plan,
    parse_subscription,
)
from activation.messages.times import optional_rfc3339, to_rfc3339
from activation.service.reselling.paying import Money
from activation.service.subscribing.ending import end_subscription
from activation.service.subscribing.listing import (
    PAGE,
    PlanRow,
    Row,
    list_all,
    list_plans,
    show_subscription,
)
from activation.service.subscribing.making import Terms, create_subscription
from activation.service.subscribing.paying import FeePaid, pay_plan, pay_subscription
from activation.service.subscribing.updates import PlanTerms, create_plan
from activation.service.working import Work


async def post_subscription(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make a subscription; its fees stand open."""
    message = parse_subscription(body)
    terms = Terms(
        message.login,
        message.product,
        message.major,
        message.quantity,
        Decimal(message.fee),
        Decimal(message.setup_fee),
        message.months,
    )
    made = await create_subscription(work, terms)
    if isinstance(made, Refused):
        return made
    return tell_subscription(Row(made.kept, message.product, "awaiting_first_fee", made.charges))


async def get_subscriptions(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List an account's subscriptions, or everybody's by pages."""
    login = call.query.get("login")
    after = id_of(SUBSCRIPTION, call.query.get("after", ""))
    rows = await list_all(work, login, after)
    told: dict[str, Any] = {"subscriptions": [tell_subscription(row) for row in rows]}
    if login is None and len(rows) == PAGE:
        told["next_after"] = told["subscriptions"][-1]["subscription_id"]
    return told


async def get_subscription(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Show one subscription with its charges."""
    row = await show_subscription(work, _id_of(call, SUBSCRIPTION))
    return row if isinstance(row, Refused) else tell_subscription(row)


async def post_fee(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Record money for a subscription's fee (S1, S3)."""
    paid = await pay_subscription(work, _id_of(call, SUBSCRIPTION), *_payment(body))
    return paid if isinstance(paid, Refused) else tell_fee(paid)


async def post_end(work: Work, call: Call, body: bytes) -> Told | Refused:
    """End a subscription (S4)."""
    message = parse_end(body)
    ended = await end_subscription(work, _id_of(call, SUBSCRIPTION), EndedBy(message.by), message.note)
    if isinstance(ended, Refused):
        return ended
    return {
        "subscription_id": to_text(SUBSCRIPTION, ended.subscription.subscription_id),
        "refund": str(ended.ending.refund),
        "unused_months": ended.ending.unused_months,
        "licenses_end_at": to_rfc3339(ended.ending.licenses_end_at),
        "revoked": ended.ending.revoke,
    }


async def post_plan(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make an update plan; its first fee stands open."""
    message = parse_plan(body)
    terms = PlanTerms(message.login, message.product, Decimal(message.fee), message.months)
    made = await create_plan(work, terms)
    if isinstance(made, Refused):
        return made
    return tell_plan(PlanRow(made.plan, message.product, "suspended", [made.charge]))


async def get_plans(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List an account's update plans."""
    return {"update_plans": [tell_plan(row) for row in await list_plans(work, call.query.get("login", ""))]}


async def post_plan_fee(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Record money for an update fee (S5)."""
    paid = await pay_plan(work, _id_of(call, PLAN), *_payment(body))
    return paid if isinstance(paid, Refused) else tell_fee(paid)


def tell_subscription(row: Row) -> dict[str, Any]:
    """Tell a subscription and how it stands."""
    kept, one = row.kept, row.kept.subscription
    return {
        "subscription_id": to_text(SUBSCRIPTION, one.subscription_id),
        "product": row.product,
        "major": one.major,
        "quantity": one.quantity,
        "fee": str(one.fee),
        "setup_fee": str(kept.setup_fee),
        "months": one.months,
        "state": row.standing,
        "started_at": optional_rfc3339(one.started_at),
        "paid_until": optional_rfc3339(one.paid_until),
        "ended_at": optional_rfc3339(kept.ended_at),
        "refund": None if kept.refund is None else str(kept.refund),
        "charges": [tell_charge(charge) for charge in row.charges],
    }


def tell_plan(row: PlanRow) -> dict[str, Any]:
    """Tell an update plan and how it stands."""
    return {
        "plan_id": to_text(PLAN, row.plan.plan_id),
        "product": row.product,
        "fee": str(row.plan.fee),
        "months": row.plan.months,
        "state": row.standing,
        "paid_until": to_rfc3339(row.plan.paid_until),
        "charges": [tell_charge(charge) for charge in row.charges],
    }


def tell_charge(charge: Charge) -> dict[str, Any]:
    """Tell what is owed and what of it is paid."""
    return {
        "charge_id": to_text(CHARGE, charge.charge_id),
        "kind": charge.kind.name.lower(),
        "amount": str(charge.amount),
        "paid": str(charge.paid.quantize(Decimal("0.01"))),
        "due_at": to_rfc3339(charge.due_at),
        "state": charge.state.name.lower(),
    }


def tell_fee(done: FeePaid) -> dict[str, Any]:
    """Tell a recorded payment and until when is paid."""
    return {
        "charge_id": to_text(CHARGE, done.paid.charge_id or 0),
        "paid": str(done.paid.paid),
        "total": str(done.paid.total),
        "settled": done.paid.settled,
        "paid_until": optional_rfc3339(done.paid_until),
    }


def _payment(body: bytes) -> tuple[Money, int | None]:
    message = parse_fee_payment(body)
    paid_at = moment_of("paid_at", message.paid_at)
    money = Money(Decimal(message.amount), message.method, message.reference, paid_at)
    return money, _charge_id(message.charge_id)


def _charge_id(text: str | UnsetType) -> int | None:
    """Return the id named, None for none; -1 for a name that cannot be any charge's."""
    if text is UNSET:
        return None
    found = from_text(CHARGE, text)
    return -1 if found is None else found


def _id_of(call: Call, prefix: str) -> int:
    return id_of(prefix, call.path["id"])


_ONE: Final = "/v1/staff/subscriptions/{id}"
_CHANGE: Final = Act.CHANGE_SUBSCRIPTIONS
ROUTES: Final = (
    ActRoute("POST", "/v1/staff/subscriptions", _CHANGE, post_subscription, 201, takes=SubscriptionRequest),
    ActRoute("GET", "/v1/staff/subscriptions", Act.SEE_SUBSCRIPTIONS, get_subscriptions),
    ActRoute("GET", _ONE, Act.SEE_SUBSCRIPTIONS, get_subscription),
    ActRoute("POST", f"{_ONE}/payments", _CHANGE, post_fee, takes=FeePaymentRequest),
    ActRoute("POST", f"{_ONE}/end", _CHANGE, post_end, takes=EndRequest),
    ActRoute("POST", "/v1/staff/update-plans", _CHANGE, post_plan, 201, takes=PlanRequest),
    ActRoute("GET", "/v1/staff/update-plans", Act.SEE_SUBSCRIPTIONS, get_plans),
    ActRoute("POST", "/v1/staff/update-plans/{id}/payments", _CHANGE, post_plan_fee, takes=FeePaymentRequest),
)
