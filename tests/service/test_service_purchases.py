"""C1, C3, P10 and P8 of direct customers, on a real database."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from activation.licensing.calendars import add_days
from activation.licensing.reselling.ordering import Method
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.mailing.sealing import unseal
from activation.service.purchasing.buyers import Buyer
from activation.service.purchasing.buying import Basket, buy
from activation.service.purchasing.paying import pay_purchase
from activation.service.purchasing.shop import hear_downloaded
from activation.service.purchasing.showing import show_account
from activation.service.purchasing.withdrawing import withdraw
from activation.service.reselling import overdue
from activation.service.reselling.holding import Client
from activation.service.reselling.paying import Money
from activation.service.working import act_as_system

ANN = Buyer("Ann@Example.com", "Ann Buyer", "1 Any Street")
SOFIA = ZoneInfo("Europe/Sofia")


def basket(reference, buyer=ANN, **fields):
    wanted = {
        "product": "softphone",
        "major": 5,
        "quantity": 2,
        "total": Decimal("59.90"),
        "method": Method.ONLINE,
        **fields,
    }
    return Basket(buyer, reference=reference, **wanted)


class Counter:
    """Where direct customers' purchases are entered; each act is a transaction of its own."""

    def __init__(self, office):
        self.office = office

    async def act(self, run):
        return await act_as_system(self.office.desk, run)

    async def buy(self, reference, buyer=ANN, **fields):
        return await self.act(lambda work: buy(work, basket(reference, buyer, **fields)))

    async def withdraw(self, bought):
        return await self.act(lambda work: withdraw(work, bought.purchase_id))

    async def login(self, account_id):
        [[login]] = await self.office.fetch(
            "SELECT value FROM personal WHERE subject = $1 AND field = 1", account_id
        )
        return login

    async def password(self, account_id):
        [[params]] = await self.office.fetch(
            "SELECT params FROM mail WHERE template = 'welcome' AND subject = $1", account_id
        )
        return unseal(self.office.desk.secrets.mail, json.loads(params)["sealed"])["password"]

    async def activate(self, account_id, name):
        login, password = await self.login(account_id), await self.password(account_id)
        return await activate(self.office.desk, self.office.caller(), login, password, self.office.wish(name))

    async def show(self, account_id):
        login = await self.login(account_id)
        return await self.act(lambda work: show_account(work, login))

    async def pass_days(self, days):
        """Move the clock to noon of the day so many days on."""
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
        self.office.desk.clock.shift_s += add_days(now, days) + 12 * 3600 - now


@pytest.fixture
async def counter(office):
    counter = Counter(office)
    await counter.pass_days(1)
    return counter


async def test_c1_a_purchase_makes_the_account_its_licences_and_a_mailed_login(counter):
    bought = await counter.buy("one")
    assert len(bought.license_ids) == 2
    granted = await counter.activate(bought.account_id, "laptop")
    assert granted.license.license_id in bought.license_ids
    [purchase] = await counter.office.fetch("SELECT * FROM purchase")
    assert (purchase["state"], purchase["paid"], purchase["unit"]) == (1, Decimal("59.90"), Decimal("29.95"))
    [payment] = await counter.office.fetch("SELECT * FROM payment")
    assert (payment["amount"], payment["reference"]) == (Decimal("59.90"), "one")


async def test_c1_the_password_stands_nowhere_in_clear(counter):
    bought = await counter.buy("one")
    password = await counter.password(bought.account_id)
    tables = await counter.office.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for table in tables:
        rows = await counter.office.fetch(f"SELECT t::text FROM {table[0]} t")
        assert not any(password in row[0] for row in rows), table[0]


async def test_c1_no_personal_data_stands_in_mail_events_or_the_finding_table(counter):
    await counter.buy("one")
    for table in ("mail", "event", "account_by_email", "purchase", "payment", "hook_message"):
        rows = await counter.office.fetch(f"SELECT lower(t::text) FROM {table} t")
        assert not any("example.com" in row[0] or "ann buyer" in row[0] for row in rows), table


@pytest.mark.parametrize("email", ["Ann@Example.com", "ann@example.COM", " ann@example.com "])
async def test_c1_a_second_purchase_with_the_same_email_adds_to_the_account(counter, email):
    first = await counter.buy("one")
    second = await counter.buy("two", Buyer(email, "Somebody"), quantity=3)
    assert second.account_id == first.account_id
    [held] = (await counter.show(first.account_id)).held
    assert (held.bought, held.used, held.free) == (5, 0, 5)
    mails = await counter.office.fetch("SELECT template FROM mail ORDER BY mail_id")
    assert [row[0] for row in mails] == ["welcome", "licenses_added"]


async def test_c1_another_email_is_another_account(counter):
    first = await counter.buy("one")
    other = await counter.buy("two", replace(ANN, email="bob@example.com"))
    assert other.account_id != first.account_id


async def test_c1_a_closed_account_gets_nothing_more(counter):
    first = await counter.buy("one")
    await counter.office.fetch("UPDATE account SET state = 1 WHERE account_id = $1", first.account_id)
    second = await counter.buy("two")
    third = await counter.buy("three")
    assert second.account_id == third.account_id != first.account_id


async def test_c1_the_same_reference_again_adds_nothing(counter):
    first = await counter.buy("one")
    again = await counter.buy("one")
    assert (again.purchase_id, again.fresh) == (first.purchase_id, False)
    assert (await counter.buy("one", quantity=3)).code == "conflict"
    [[licenses]] = await counter.office.fetch("SELECT count(*) FROM license")
    assert licenses == 2


async def test_c1_a_reference_of_another_payment_is_refused(counter):
    bought = await order(counter)
    money = Money(Decimal("59.90"), "bank", "transfer")
    await counter.act(lambda work: pay_purchase(work, bought.purchase_id, money))
    refused = await counter.buy("transfer")
    assert (refused.code, refused.rule) == ("conflict", "C1")
    assert (await counter.act(lambda work: pay_purchase(work, 4711, money))).code == "not_found"


async def test_c1_twenty_at_once_with_one_reference_are_one_purchase(counter):
    done = await asyncio.gather(*(counter.buy("one") for _ in range(20)))
    assert sum(one.fresh for one in done) == 1
    [[purchases, accounts]] = await counter.office.fetch(
        "SELECT (SELECT count(*) FROM purchase), (SELECT count(*) FROM account)"
    )
    assert (purchases, accounts) == (1, 1)


async def test_c1_twenty_first_purchases_at_once_make_one_account(counter):
    done = await asyncio.gather(*(counter.buy(f"number {n}") for n in range(20)))
    assert len({one.account_id for one in done if not isinstance(one, Refused)}) == 1
    bought = [one for one in done if not isinstance(one, Refused)]
    [[licenses]] = await counter.office.fetch("SELECT count(*) FROM license")
    assert licenses == 2 * len(bought)
    assert len(bought) == 20


async def test_c1_an_unknown_product_is_refused_and_leaves_no_account(counter):
    assert (await counter.buy("one", product="nothing")).code == "not_found"
    assert await counter.office.fetch("SELECT 1 FROM account") == []


async def test_c1_a_product_with_a_term_of_updates_gives_it_to_the_licences(counter):
    await counter.office.fetch("UPDATE product SET update_months = 12 WHERE code = 'softphone'")
    bought = await counter.buy("one")
    rows = await counter.office.fetch("SELECT created_at, updates_until FROM license")
    for created_at, until in rows:
        begun = datetime.fromtimestamp(created_at, SOFIA)
        ends = datetime.fromtimestamp(until, SOFIA)
        assert (ends.year, ends.month, ends.hour) == (begun.year + 1, begun.month, 0)
    assert bought.fresh


async def test_s5_licences_bought_later_share_the_accounts_update_plan(counter):
    await counter.office.fetch("UPDATE product SET update_months = 12 WHERE code = 'softphone'")
    first = await counter.buy("one")
    [[term]] = await counter.office.fetch("SELECT DISTINCT updates_until FROM license")
    await counter.office.fetch(
        "INSERT INTO update_plan (plan_id, shard, account_id, product_id, fee, months, started_at,"
        " paid_until) VALUES (1, $1, $2, 1, 20, 12, $3, $4)",
        first.account_id >> 55,
        first.account_id,
        term,
        term + 1000,
    )
    await counter.buy("two")
    rows = await counter.office.fetch("SELECT updates_until FROM license ORDER BY license_id")
    assert sorted(row[0] - term for row in rows) == [0, 0, 1000, 1000]


async def test_c1_a_purchase_ends_test_licences(counter):
    first = await counter.buy("one")
    await counter.office.fetch("UPDATE license SET kind = 1, ends_at = 4000000000")
    await counter.buy("two")
    rows = await counter.office.fetch("SELECT kind, ends_at FROM license ORDER BY kind, license_id")
    assert [row["ends_at"] for row in rows][:2] == [None, None]
    assert all(row["ends_at"] < 4000000000 for row in rows[2:])
    assert first.fresh


async def test_c3_bought_used_and_free_are_counted_per_copy(counter):
    bought = await counter.buy("one", quantity=4)
    await counter.activate(bought.account_id, "laptop")
    await counter.activate(bought.account_id, "laptop")
    await counter.activate(bought.account_id, "desktop")
    [held] = (await counter.show(bought.account_id)).held
    assert (held.major, held.bought, held.used, held.free) == (5, 4, 2, 2)
    await counter.office.fetch(
        "UPDATE license SET state = 1 WHERE license_id = (SELECT max(license_id) FROM license l"
        " WHERE NOT EXISTS (SELECT FROM activation c WHERE c.license_id = l.license_id))"
    )
    view = await counter.show(bought.account_id)
    assert [(held.bought, held.used, held.free) for held in view.held] == [(4, 2, 1)]
    assert [one.order.purchase_id for one in view.purchases] == [bought.purchase_id]
    assert (await counter.act(lambda work: show_account(work, "nobody"))).code == "not_found"


async def test_p10_a_consumer_withdraws_licences_revoked_refund_noted(counter):
    bought = await counter.buy("one", consumer=True)
    await counter.pass_days(14)
    done = await counter.withdraw(bought)
    assert (sorted(done.license_ids), done.refund) == (sorted(bought.license_ids), Decimal("59.90"))
    assert (await counter.activate(bought.account_id, "laptop")).code == "revoked"
    rows = await counter.office.fetch("SELECT amount FROM payment ORDER BY amount")
    assert [row[0] for row in rows] == [Decimal("-59.90"), Decimal("59.90")]
    [purchase] = (await counter.show(bought.account_id)).purchases
    assert (purchase.order.state.name, purchase.order.paid) == ("WITHDRAWN", 0)
    again = await counter.withdraw(bought)
    assert "already" in again.detail


async def test_p10_refused_once_a_device_had_it_even_if_it_is_free_again(counter):
    bought = await counter.buy("one", consumer=True)
    await counter.activate(bought.account_id, "laptop")
    refused = await counter.withdraw(bought)
    assert (refused.code, refused.rule) == ("conflict", "P10")
    assert "activated" in refused.detail
    states = await counter.office.fetch("SELECT DISTINCT state FROM license")
    assert [row[0] for row in states] == [0]


async def test_p10_refused_once_downloaded_and_after_14_days_and_to_companies(counter):
    one = await counter.buy("one", consumer=True)
    await counter.act(lambda work: hear_downloaded(work, "one"))
    assert "downloaded" in (await counter.withdraw(one)).detail
    two = await counter.buy("two")
    assert "consumer" in (await counter.withdraw(two)).detail
    three = await counter.buy("three", consumer=True)
    await counter.pass_days(15)
    assert "14 days" in (await counter.withdraw(three)).detail
    unknown = await counter.act(lambda work: withdraw(work, 4711))
    assert unknown.code == "not_found"


async def test_p10_a_purchase_of_the_same_account_is_judged_by_its_own_licences(counter):
    one = await counter.buy("one", consumer=True)
    await counter.activate(one.account_id, "laptop")
    two = await counter.buy("two", consumer=True)
    assert not isinstance(await counter.withdraw(two), Refused)
    assert isinstance(await counter.withdraw(one), Refused)


async def test_p10_against_activations_at_the_same_time_only_one_wins(counter):
    fresh = await counter.buy("one", consumer=True, quantity=1)
    results = await asyncio.gather(
        *(counter.activate(fresh.account_id, "laptop") for _ in range(5)), counter.withdraw(fresh)
    )
    withdrawn = not isinstance(results[-1], Refused)
    activated = any(not isinstance(one, Refused) for one in results[:-1])
    assert withdrawn != activated


async def order(counter, reference="po", **fields):
    return await counter.buy(reference, method=Method.PURCHASE_ORDER, **fields)


async def test_p8_direct_a_purchase_orders_licences_are_there_and_it_is_due_in_7_days(counter):
    bought = await order(counter)
    assert not isinstance(await counter.activate(bought.account_id, "laptop"), Refused)
    [row] = await counter.office.fetch("SELECT state, paid, due_at - placed_at AS days FROM purchase")
    assert (row["state"], row["paid"], row["days"]) == (0, 0, 7 * 86_400)
    assert await counter.office.fetch("SELECT 1 FROM payment") == []


async def test_p8_direct_suspended_from_the_4th_day_and_reinstated_once_paid(counter):
    bought = await order(counter)
    await counter.activate(bought.account_id, "laptop")
    client = Client(account_id=bought.account_id)
    await counter.pass_days(10)
    early = await counter.act(lambda work: overdue.suspend_late(work, client))
    assert (early.code, early.rule) == ("conflict", "P8")
    await counter.pass_days(1)
    held = await counter.act(lambda work: overdue.suspend_late(work, client))
    assert sorted(held) == sorted(bought.license_ids)
    assert (await counter.activate(bought.account_id, "laptop")).code == "suspended"
    unpaid = await counter.act(lambda work: overdue.reinstate(work, client))
    assert unpaid.code == "order_unpaid"
    paid = await counter.act(
        lambda work: pay_purchase(work, bought.purchase_id, Money(Decimal("59.90"), "bank", "transfer"))
    )
    assert paid.settled
    released = await counter.act(lambda work: overdue.reinstate(work, client))
    assert sorted(released) == sorted(bought.license_ids)
    assert not isinstance(await counter.activate(bought.account_id, "laptop"), Refused)


async def test_p8_direct_more_than_10_business_days_late_ends_the_licences(counter):
    bought = await order(counter)
    client = Client(account_id=bought.account_id)
    await counter.pass_days(7 + 12)  # whatever the weekday: at most 10 business days
    early = await counter.act(lambda work: overdue.end_direct_client(work, client))
    assert early.rule == "P8"
    await counter.pass_days(5)
    ended = await counter.act(lambda work: overdue.end_direct_client(work, client))
    assert sorted(ended) == sorted(bought.license_ids)
    assert (await counter.activate(bought.account_id, "laptop")).code == "revoked"


async def test_p8_direct_a_payment_is_recorded_once_and_never_more_than_is_owed(counter):
    bought = await order(counter)
    pay = Money(Decimal("20.00"), "bank", "part")
    results = await asyncio.gather(
        *(counter.act(lambda work: pay_purchase(work, bought.purchase_id, pay)) for _ in range(10))
    )
    assert sum(one.fresh for one in results) == 1
    too_much = Money(Decimal("39.91"), "bank", "rest")
    refused = await counter.act(lambda work: pay_purchase(work, bought.purchase_id, too_much))
    assert (refused.code, refused.facts) == ("conflict", {"owed": "39.90"})
    rest = Money(Decimal("39.90"), "bank", "rest")
    done = await counter.act(lambda work: pay_purchase(work, bought.purchase_id, rest))
    assert done.settled


async def test_c1_a_closed_accounts_email_begins_anew_once_whoever_comes_first(counter):
    first = await counter.buy("one")
    await counter.office.fetch("UPDATE account SET state = 1 WHERE account_id = $1", first.account_id)
    done = await asyncio.gather(*(counter.buy(f"number {n}") for n in range(10)))
    assert len({one.account_id for one in done}) == 1


async def test_c1_what_costs_nothing_is_paid(counter):
    bought = await order(counter, total=Decimal("0.00"))
    [purchase] = (await counter.show(bought.account_id)).purchases
    assert purchase.order.state.name == "PAID"
