"""S5 on a real database: the right to updates for a fee, suspended unpaid, ended 14 days later."""

import asyncio
from decimal import Decimal

import pytest

from activation.licensing.calendars import add_days, add_months
from activation.service.reselling.paying import Money
from activation.service.subscribing.listing import list_plans
from activation.service.subscribing.paying import pay_plan
from activation.service.subscribing.scheduled import end_unpaid_updates, open_next_fees
from activation.service.subscribing.updates import PlanTerms, create_plan
from activation.service.working import act_as_system

FEE = Decimal("20.00")


class Client:
    """An account whose licences' updates end today, and its update plan."""

    def __init__(self, office, account):
        self.office, self.account, self.id = office, account, 0

    async def act(self, run):
        return await act_as_system(self.office.desk, run)

    async def now(self):
        async with self.office.desk.pool.acquire() as connection:
            return await self.office.desk.clock.now(connection)

    async def travel(self, moment):
        self.office.desk.clock.shift_s += moment - await self.now()

    async def run(self, job):
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
            return await job(connection, self.office.desk.ids, now)

    async def plan(self, months=12):
        terms = PlanTerms(self.account.login, "softphone", FEE, months)
        made = await self.act(lambda work: create_plan(work, terms))
        self.id = getattr(made, "plan", None) and made.plan.plan_id
        return made

    async def pay(self, reference, paid_at=None, charge_id=None):
        money = Money(FEE, "bank", reference, paid_at)
        return await self.act(lambda work: pay_plan(work, self.id, money, charge_id))

    async def standing(self):
        [row] = await self.act(lambda work: list_plans(work, self.account.login))
        return row.standing

    async def updates_until(self):
        rows = await self.office.fetch(
            "SELECT updates_until FROM license WHERE account_id = $1 ORDER BY license_id",
            self.account.account_id,
        )
        return [row[0] for row in rows]


@pytest.fixture
async def client(office):
    client = Client(office, await office.account(2))
    await client.travel(add_days(await client.now(), 1) + 3600)
    client.today = add_days(await client.now(), 0)
    await office.fetch("UPDATE license SET updates_until = $1", client.today)
    return client


async def test_s5_a_plan_paid_lets_builds_of_its_period_be_used(client):
    made = await client.plan()
    assert (made.plan.paid_until, made.charge.amount) == (client.today, FEE)
    assert await client.standing() == "suspended"
    paid = await client.pay("first")
    assert paid.paid_until == add_months(client.today, 12)
    assert await client.updates_until() == [paid.paid_until] * 2
    assert await client.standing() == "running"


async def test_s5_a_plan_begins_where_the_updates_that_came_with_the_licences_end(client):
    later = add_days(client.today, 100)
    await client.office.fetch(
        "UPDATE license SET updates_until = $1 WHERE license_id = (SELECT max(license_id) FROM license)",
        later,
    )
    await client.plan()
    paid = await client.pay("first")
    assert paid.paid_until == add_months(later, 12)


async def test_s5_licences_with_free_updates_stay_free_and_none_is_shortened(client):
    far = add_days(client.today, 4000)
    await client.plan()
    await client.office.fetch(
        "UPDATE license SET updates_until = CASE WHEN license_id = (SELECT max(license_id) FROM license)"
        " THEN $1::bigint END",
        far,
    )
    await client.pay("first")
    assert await client.updates_until() == [None, far]


async def test_s5_unpaid_it_ends_after_14_days_and_a_new_plan_begins_anew(client):
    await client.plan()
    await client.travel(add_days(client.today, 14) - 5)
    assert await client.run(end_unpaid_updates) == 0
    assert await client.standing() == "suspended"
    await client.travel(add_days(client.today, 14))
    assert await client.standing() == "ended"
    assert (await client.pay("late")).rule == "S5"
    assert await client.run(end_unpaid_updates) == 1
    assert await client.run(end_unpaid_updates) == 0
    made = await client.plan()
    assert made.plan.started_at == add_days(client.today, 14)
    assert (await client.pay("anew")).paid_until == add_months(add_days(client.today, 14), 12)


async def test_s5_a_plan_that_ended_before_the_sweep_saw_it_is_replaced_too(client):
    await client.plan()
    await client.travel(add_days(client.today, 20))
    assert (await client.plan()).plan.plan_id
    assert await client.standing() == "suspended"


async def test_s5_only_one_plan_for_a_product(client):
    made = await asyncio.gather(*(client.plan() for _ in range(5)))
    assert sorted(hasattr(one, "plan") for one in made) == [False] * 4 + [True]
    assert {one.code for one in made if not hasattr(one, "plan")} == {"conflict"}


async def test_s5_a_year_of_months_each_fee_asked_for_and_paid_while_suspended(client):
    await client.plan(months=1)
    await client.pay("0")
    for month in range(1, 13):
        end = add_months(client.today, month)
        await client.travel(add_days(end, -14) + 60)
        assert await client.run(open_next_fees) == 1
        assert await client.run(open_next_fees) == 0
        await client.travel(add_days(end, 14) - 60)
        assert await client.standing() == "suspended"
        assert await client.updates_until() == [end] * 2
        assert (await client.pay(str(month))).paid_until == add_months(client.today, month + 1)


async def test_s5_the_same_payment_twice_is_one(client):
    await client.plan()
    first, again = await client.pay("same"), await client.pay("same")
    assert (first.paid.fresh, again.paid.fresh) == (True, False)
    assert first.paid_until == again.paid_until
    assert (await client.act(lambda work: pay_plan(work, 4711, Money(FEE, "bank", "x")))).code == "not_found"
