"""P1, P3, P4, P7, P8, P9 as pure rules: terms, prices, orders, lateness, penalties, the end."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from activation.licensing.model import Hold, LicenseKind
from activation.licensing.reselling.agreeing import (
    NOTICE_S,
    Terms,
    decide_publication,
    in_force,
    refuse_acceptance,
    refuse_newcomer,
    refuse_unaccepted,
)
from activation.licensing.reselling.amounts import is_settled
from activation.licensing.reselling.charging import (
    Charge,
    ChargeKind,
    ChargeState,
    refuse_charge_payment,
    refuse_step,
)
from activation.licensing.reselling.clients import ResellerState, refuse_standing
from activation.licensing.reselling.lateness import (
    Due,
    business_days_late,
    days_late,
    oldest_due,
    refuse_ending,
    refuse_reinstating,
    refuse_suspending,
)
from activation.licensing.reselling.ordering import (
    Method,
    Order,
    OrderState,
    due_at,
    refuse_cancelling,
    refuse_payment,
    state_of,
)
from activation.licensing.reselling.penalties import (
    after_dispute,
    is_overdue,
    penalty_amount,
    penalty_due_at,
    refuse_disabling,
)
from activation.licensing.reselling.pricing import Tier, check_table, reduced, retail_price, unit_price
from activation.licensing.reselling.terminating import (
    Why,
    deletion_due_at,
    refuse_confirming,
    refuse_terminating,
)
from activation.licensing.verdicts import Refusal, Refused

DAY = 86_400
NOW = 1_800_000_000
SOFIA = ZoneInfo("Europe/Sofia")
TABLE = [Tier(1, Decimal("40.00")), Tier(10, Decimal("30.00")), Tier(100, Decimal("20.00"))]
FIRST = Terms("1", NOW - 90 * DAY, NOW - 90 * DAY)
SECOND = Terms("2", NOW - 10 * DAY, NOW + 20 * DAY)


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=SOFIA).timestamp())


def order(**fields):
    values = {
        "purchase_id": 1,
        "reseller_id": 2,
        "account_id": None,
        "product_id": 1,
        "major": 5,
        "kind": LicenseKind.PERPETUAL,
        "quantity": 10,
        "unit": Decimal("30.00"),
        "total": Decimal("300.00"),
        "paid": Decimal("0.00"),
        "method": Method.PURCHASE_ORDER,
        "state": OrderState.OPEN,
        "placed_at": NOW,
        "due_at": NOW + 7 * DAY,
    }
    return Order(**{**values, **fields})


def penalty(**fields):
    values = {
        "charge_id": 1,
        "reseller_id": 2,
        "account_id": None,
        "kind": ChargeKind.PENALTY,
        "amount": Decimal("80.00"),
        "paid": Decimal("0.00"),
        "opened_at": NOW,
        "due_at": NOW + 14 * DAY,
        "state": ChargeState.OPEN,
    }
    return Charge(**{**values, **fields})


def code(refused):
    assert isinstance(refused, Refused)
    return refused.code, refused.rule


def test_p1_the_terms_in_force_are_those_that_took_effect_last():
    assert in_force([], NOW) is None
    assert in_force([SECOND, FIRST], NOW) == FIRST
    assert in_force([SECOND, FIRST], SECOND.effective_at - 1) == FIRST
    assert in_force([FIRST, SECOND], SECOND.effective_at) == SECOND
    assert in_force([FIRST], FIRST.effective_at - 1) is None


def test_p1_whoever_has_not_accepted_the_terms_in_force_is_refused():
    assert code(refuse_unaccepted([], [], NOW)) == (Refusal.FORBIDDEN, "P1")
    assert code(refuse_unaccepted([FIRST], [], NOW)) == (Refusal.FORBIDDEN, "P1")
    assert refuse_unaccepted([FIRST], ["1"], NOW) is None
    assert refuse_unaccepted([FIRST, SECOND], ["1"], NOW) is None
    assert code(refuse_unaccepted([FIRST, SECOND], ["1"], SECOND.effective_at)) == (Refusal.FORBIDDEN, "P1")
    assert refuse_unaccepted([FIRST, SECOND], ["2"], SECOND.effective_at) is None


def test_p1_while_there_are_no_terms_only_orders_wait_for_them():
    assert refuse_newcomer([], [], NOW) is None
    assert refuse_newcomer([SECOND], [], NOW) is None
    assert code(refuse_newcomer([FIRST], [], NOW)) == (Refusal.FORBIDDEN, "P1")
    assert refuse_newcomer([FIRST], ["1"], NOW) is None


def test_p1_terms_in_force_or_announced_can_be_accepted_and_no_others():
    assert refuse_acceptance([FIRST, SECOND], "1", NOW) is None
    assert refuse_acceptance([FIRST, SECOND], "2", NOW) is None
    assert code(refuse_acceptance([FIRST, SECOND], "3", NOW)) == (Refusal.CONFLICT, "P1")
    assert code(refuse_acceptance([FIRST, SECOND], "1", SECOND.effective_at)) == (Refusal.CONFLICT, "P1")


def test_p1_a_change_of_terms_is_announced_a_month_ahead_the_first_are_in_force_at_once():
    assert decide_publication([], "1", None, NOW) == Terms("1", NOW, NOW)
    assert decide_publication([FIRST], "2", None, NOW) == Terms("2", NOW, NOW + NOTICE_S)
    later = NOW + NOTICE_S + 1
    assert decide_publication([FIRST], "2", later, NOW) == Terms("2", NOW, later)
    assert code(decide_publication([FIRST], "2", NOW + NOTICE_S - 1, NOW)) == (Refusal.CONFLICT, "G8")
    assert code(decide_publication([FIRST], "1", None, NOW)) == (Refusal.CONFLICT, "P1")


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [(1, "40.00"), (9, "40.00"), (10, "30.00"), (99, "30.00"), (100, "20.00"), (5000, "20.00")],
)
def test_p4_the_price_follows_the_quantity(quantity, unit):
    assert unit_price(TABLE, quantity) == Decimal(unit)
    assert unit_price(list(reversed(TABLE)), quantity) == Decimal(unit)


def test_p4_a_resellers_own_discount_is_rounded_half_up_to_the_cent():
    assert unit_price(TABLE, 10, Decimal("12.5")) == Decimal("26.25")
    assert reduced(Decimal("0.05"), Decimal("50")) == Decimal("0.03")
    assert reduced(Decimal("0.01"), Decimal("99.99")) == Decimal("0.01")
    assert retail_price(TABLE) == Decimal("40.00")
    assert code(retail_price([])) == (Refusal.CONFLICT, "P4")


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        [Tier(2, Decimal("1"))],
        [Tier(1, Decimal("1")), Tier(1, Decimal("0.5"))],
        [Tier(1, Decimal("1")), Tier(5, Decimal("1.01"))],
        [Tier(1, Decimal("0"))],
        [Tier(1, Decimal("100000.01"))],
        [Tier(1, Decimal("1")), Tier(100_001, Decimal("1"))],
        [Tier(n, Decimal("1")) for n in range(1, 52)],
    ],
)
def test_p4_a_price_table_that_is_none_is_refused(tiers):
    assert code(check_table(tiers)) == (Refusal.CONFLICT, "P4")


def test_p4_a_price_table_is_brought_in_order_with_two_places():
    checked = check_table([Tier(10, Decimal("3")), Tier(1, Decimal("4.5"))])
    assert [(tier.from_quantity, str(tier.unit)) for tier in checked] == [(1, "4.50"), (10, "3.00")]


def test_p3_a_purchase_order_is_due_7_days_after_signing_an_online_order_after_24_hours():
    assert due_at(Method.PURCHASE_ORDER, NOW) == NOW + 7 * DAY
    assert due_at(Method.MAIL, NOW) == NOW + 7 * DAY
    assert due_at(Method.ONLINE, NOW) == NOW + DAY
    assert due_at(Method.ONLINE, NOW, 3600) == NOW + 3600


def test_p3_an_online_order_is_cancelled_once_its_time_is_over_a_purchase_order_is_late():
    online = order(method=Method.ONLINE, due_at=NOW + DAY)
    assert state_of(online, NOW + DAY - 1) is OrderState.OPEN
    assert state_of(online, NOW + DAY) is OrderState.CANCELLED
    assert state_of(replace(online, state=OrderState.PAID), NOW + DAY) is OrderState.PAID
    assert state_of(order(), NOW + 100 * DAY) is OrderState.OPEN


def test_p3_only_an_open_order_takes_payments():
    assert refuse_payment(order(), Decimal("0.01"), NOW + 50 * DAY) is None
    assert code(refuse_payment(order(), Decimal("0"), NOW)) == (Refusal.CONFLICT, "P3")
    for state in (OrderState.PAID, OrderState.CANCELLED, OrderState.WITHDRAWN):
        assert code(refuse_payment(order(state=state), Decimal("1"), NOW)) == (Refusal.CONFLICT, "P3")
    late = order(method=Method.ONLINE, due_at=NOW + DAY)
    assert refuse_payment(late, Decimal("1"), NOW + DAY - 1) is None
    assert code(refuse_payment(late, Decimal("1"), NOW + DAY)) == (Refusal.CONFLICT, "P3")


def test_p3_more_than_is_owed_is_refused_with_what_is():
    part = order(paid=Decimal("250.00"))
    assert refuse_payment(part, part.owed, NOW) is None
    refused = refuse_payment(part, part.owed + Decimal("0.01"), NOW)
    assert (code(refused), refused.facts) == ((Refusal.CONFLICT, "P3"), {"owed": str(part.owed)})
    assert code(refuse_payment(order(reseller_id=None), Decimal("9999"), NOW)) == (Refusal.CONFLICT, "P8")


@pytest.mark.parametrize(
    ("kind", "rule"),
    [(ChargeKind.PENALTY, "P7"), (ChargeKind.REINSTATING, "P8"), (ChargeKind.SUBSCRIPTION, "S1")],
)
def test_p7_p8_s1_a_charge_takes_what_is_owed_and_no_more(kind, rule):
    charge = penalty(kind=kind, paid=Decimal("1.00"))
    assert refuse_charge_payment(charge, charge.owed) is None
    for amount in (Decimal("0"), Decimal("-1"), charge.owed + Decimal("0.01")):
        assert code(refuse_charge_payment(charge, amount)) == (Refusal.CONFLICT, rule)
    paid = penalty(kind=kind, state=ChargeState.PAID)
    assert code(refuse_charge_payment(paid, Decimal("1"))) == (Refusal.CONFLICT, rule)


def test_p3_licences_come_when_all_is_paid_and_not_a_cent_before():
    assert not is_settled(Decimal("300.00"), Decimal("299.99"))
    assert is_settled(Decimal("300.00"), Decimal("300.00"))
    assert is_settled(Decimal("300.00"), Decimal("300.01"))
    assert order(paid=Decimal("299.99")).owed == Decimal("0.01")
    assert order(paid=Decimal("301.00")).owed == 0


def test_p3_an_order_with_money_in_it_is_not_cancelled():
    assert refuse_cancelling(order(), NOW) is None
    assert code(refuse_cancelling(order(paid=Decimal("0.01")), NOW)) == (Refusal.CONFLICT, "P3")
    assert code(refuse_cancelling(order(state=OrderState.PAID), NOW)) == (Refusal.CONFLICT, "P3")
    assert code(refuse_cancelling(order(state=OrderState.CANCELLED), NOW)) == (Refusal.CONFLICT, "P3")


def test_p7_a_penalty_is_twice_the_retail_price_for_each_licence_due_in_2_weeks():
    assert penalty_amount(Decimal("40.00"), 3) == Decimal("240.00")
    assert penalty_due_at(NOW) == NOW + 14 * DAY


def test_p7_licences_are_disabled_only_for_a_penalty_unpaid_past_its_term():
    assert not is_overdue(penalty(), NOW + 14 * DAY - 1)
    assert is_overdue(penalty(), NOW + 14 * DAY)
    assert refuse_disabling(penalty(), NOW + 14 * DAY) is None
    for state in (ChargeState.PAID, ChargeState.DISPUTED, ChargeState.RETURNED, ChargeState.WAIVED):
        assert code(refuse_disabling(penalty(state=state), NOW + 99 * DAY)) == (Refusal.CONFLICT, "P7")
    assert code(refuse_disabling(penalty(), NOW)) == (Refusal.CONFLICT, "P7")


def test_p7_a_dispute_ends_in_return_or_in_what_was_before():
    steps = {
        (before, after)
        for before in ChargeState
        for after in ChargeState
        if refuse_step(penalty(state=before), after, "P7") is None
    }
    disputed, returned, paid = ChargeState.DISPUTED, ChargeState.RETURNED, ChargeState.PAID
    assert {(disputed, returned), (paid, disputed), (ChargeState.OPEN, disputed)} < steps
    assert not [step for step in steps if step[0] in (returned, ChargeState.WAIVED)]
    assert (ChargeState.OPEN, returned) not in steps
    assert after_dispute(penalty(state=disputed)) is ChargeState.OPEN
    assert after_dispute(penalty(state=disputed, paid=Decimal("80.00"))) is paid
    assert penalty(state=returned).owed == 0


@pytest.mark.parametrize(
    ("now", "days", "business"),
    [
        ("2026-11-16 09:00", 0, 0),
        ("2026-11-16 23:59", 0, 0),
        ("2026-11-17 00:00", 1, 1),
        ("2026-11-19 23:59", 3, 3),
        ("2026-11-20 00:00", 4, 4),
        ("2026-11-21 12:00", 5, 4),
        ("2026-11-22 12:00", 6, 4),
        ("2026-11-23 12:00", 7, 5),
        ("2026-11-30 23:59", 14, 10),
        ("2026-12-01 00:00", 15, 11),
        ("2026-01-01 00:00", 0, 0),
    ],
)
def test_p8_lateness_is_counted_in_days_of_the_zone_and_in_business_days(now, days, business):
    due = at("2026-11-16 10:00")  # a Monday
    assert days_late(due, at(now), SOFIA) == days
    assert business_days_late(due, at(now), SOFIA) == business


def test_p8_business_days_agree_with_counting_them_one_by_one():
    first = date(2026, 3, 20)  # over the change to summer time
    for weekday in range(7):
        due = first + timedelta(days=weekday)
        counted = 0
        for days in range(1, 40):
            today = due + timedelta(days=days)
            counted += today.weekday() < 5
            assert business_days_late(at(f"{due} 22:30"), at(f"{today} 01:30"), SOFIA) == counted


def test_p8_a_client_may_be_suspended_from_the_4th_day_past_due():
    due = at("2026-11-16 10:00")
    assert code(refuse_suspending(due, at("2026-11-19 23:59"), SOFIA)) == (Refusal.CONFLICT, "P8")
    assert refuse_suspending(due, at("2026-11-20 00:00"), SOFIA) is None
    assert code(refuse_suspending(None, at("2026-11-20 00:00"), SOFIA)) == (Refusal.CONFLICT, "P8")


def test_p8_an_agreement_ends_after_more_than_10_business_days():
    due = at("2026-11-16 10:00")
    assert code(refuse_ending(due, at("2026-11-30 23:59"), SOFIA)) == (Refusal.CONFLICT, "P8")
    assert refuse_ending(due, at("2026-12-01 00:00"), SOFIA) is None
    assert code(refuse_ending(None, at("2026-12-01 00:00"), SOFIA)) == (Refusal.CONFLICT, "P8")


def test_p8_the_oldest_unpaid_amount_counts_and_all_must_be_paid():
    dues = [Due(NOW - 5, Decimal("1")), Due(NOW - 9, Decimal("0")), Due(NOW - 7, Decimal("2"))]
    assert oldest_due(dues, NOW) == NOW - 7
    assert oldest_due([Due(NOW, Decimal("1"))], NOW) is None
    assert refuse_reinstating(Decimal("0")) is None
    refused = refuse_reinstating(Decimal("0.01"))
    assert code(refused) == (Refusal.ORDER_UNPAID, "P8")
    assert refused.facts == {"owed": "0.01"}


def test_p8_a_suspended_client_orders_nothing_and_a_terminated_one_neither():
    assert refuse_standing(ResellerState.ACTIVE) is None
    assert code(refuse_standing(ResellerState.SUSPENDED)) == (Refusal.SUSPENDED, "P8")
    assert code(refuse_standing(ResellerState.TERMINATED)) == (Refusal.FORBIDDEN, "P9")
    assert Hold.LATE | Hold.PENALTY == 3


def test_p9_an_agreement_ends_once_for_lateness_only_in_its_time_for_breach_at_any():
    due, soon, late = at("2026-11-16 10:00"), at("2026-11-20 10:00"), at("2026-12-01 10:00")
    active = ResellerState.ACTIVE
    assert code(refuse_terminating(active, Why.LATE, due, soon, SOFIA)) == (Refusal.CONFLICT, "P8")
    assert refuse_terminating(active, Why.LATE, due, late, SOFIA) is None
    assert refuse_terminating(active, Why.BREACH, None, soon, SOFIA) is None
    ended = refuse_terminating(ResellerState.TERMINATED, Why.BREACH, None, soon, SOFIA)
    assert code(ended) == (Refusal.CONFLICT, "P9")


def test_p9_the_duty_to_delete_is_due_in_30_days_and_confirmed_once():
    assert deletion_due_at(NOW) == NOW + 30 * DAY
    assert refuse_confirming(ResellerState.TERMINATED, None) is None
    assert code(refuse_confirming(ResellerState.TERMINATED, NOW)) == (Refusal.CONFLICT, "P9")
    assert code(refuse_confirming(ResellerState.ACTIVE, None)) == (Refusal.CONFLICT, "P9")
