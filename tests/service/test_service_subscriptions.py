"""S0-S4 on a real database: a subscription's life, money and licences; time is shifted, never slept."""

import asyncio
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from activation.config import load_settings
from activation.equipping import equip
from activation.licensing.calendars import add_days, add_months
from activation.licensing.subscriptions import EndedBy, service_end
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.reselling.paying import Money
from activation.service.subscribing.ending import end_subscription
from activation.service.subscribing.listing import list_all, show_subscription
from activation.service.subscribing.making import Terms, create_subscription
from activation.service.subscribing.paying import pay_subscription
from activation.service.subscribing.scheduled import open_next_fees, warn_ending_subscriptions
from activation.service.working import act_as_system
from crypto.ceremony import ROOT_FILES, add_signing_key
from crypto.signing import load_signing_key

SOFIA = ZoneInfo("Europe/Sofia")
FEE = Decimal("120.00")


class Client:
    """An account with a subscription; each act is a transaction of its own."""

    def __init__(self, office, account):
        self.office, self.account, self.id = office, account, 0

    async def act(self, run):
        return await act_as_system(self.office.desk, run)

    async def subscribe(self, months=1, quantity=2, setup="50.00"):
        terms = Terms(self.account.login, "softphone", 5, quantity, FEE, Decimal(setup), months)
        made = await self.act(lambda work: create_subscription(work, terms))
        if not isinstance(made, Refused):
            self.id = made.kept.subscription.subscription_id
        return made

    async def pay(self, reference, amount=FEE, paid_at=None, charge_id=None):
        money = Money(amount, "bank", reference, paid_at)
        return await self.act(lambda work: pay_subscription(work, self.id, money, charge_id))

    async def end(self, by):
        return await self.act(lambda work: end_subscription(work, self.id, by, "as agreed"))

    async def show(self):
        return await self.act(lambda work: show_subscription(work, self.id))

    async def licenses(self):
        return await self.office.fetch(
            "SELECT license_id, ends_at, state, kind, subscription_id FROM license WHERE account_id = $1",
            self.account.account_id,
        )

    async def holding(self):
        [[version]] = await self.office.fetch(
            "SELECT version FROM holding WHERE account_id = $1", self.account.account_id
        )
        return version

    async def run(self, job):
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
            return await job(connection, self.office.desk.ids, now)

    async def activate(self, name):
        return await activate(
            self.office.desk,
            self.office.caller(),
            self.account.login,
            self.account.password,
            self.office.wish(name),
        )

    async def travel(self, moment):
        """Set the clock to a moment."""
        async with self.office.desk.pool.acquire() as connection:
            self.office.desk.clock.shift_s += moment - await self.office.desk.clock.now(connection)


@pytest.fixture(scope="module")
def equipped(tmp_path_factory):
    """Keys that last through the simulated years."""
    folder = tmp_path_factory.mktemp("lasting") / "data"
    settings = load_settings(data_dir=folder)
    equip(settings, folder.parent / "roots")
    root = load_signing_key(folder.parent / "roots" / ROOT_FILES[0])
    add_signing_key(settings.keys_folder, root, at(2026, 1, 1), 40 * 365, 31 * 86_400, offline=False)
    return folder


@pytest.fixture
async def client(office):
    client = Client(office, await office.account(0))
    await client.travel(int(datetime(2027, 1, 31, 10, tzinfo=SOFIA).timestamp()))
    return client


def at(*parts):
    return int(datetime(*parts, tzinfo=SOFIA).timestamp())


async def test_s0_a_subscription_is_made_with_its_fees_open_and_no_licence_yet(client):
    made = await client.subscribe()
    assert [(one.kind.name, one.amount, one.state.name) for one in made.charges] == [
        ("SETUP", Decimal("50.00"), "OPEN"),
        ("SUBSCRIPTION", FEE, "OPEN"),
    ]
    assert (await client.show()).standing == "awaiting_first_fee"
    assert await client.licenses() == []


async def test_s0_one_without_set_up_fee_has_none_and_nobody_unknown_gets_one(client):
    made = await client.subscribe(setup="0.00")
    assert [one.kind.name for one in made.charges] == ["SUBSCRIPTION"]
    terms = Terms("nobody", "softphone", 5, 1, FEE, FEE, 1)
    assert (await client.act(lambda work: create_subscription(work, terms))).code == "not_found"
    terms = Terms(client.account.login, "nothing", 5, 1, FEE, FEE, 1)
    assert (await client.act(lambda work: create_subscription(work, terms))).code == "not_found"


async def test_s1_a_fee_is_more_than_nothing(client):
    terms = Terms(client.account.login, "softphone", 5, 1, Decimal("0.00"), FEE, 1)
    refused = await client.act(lambda work: create_subscription(work, terms))
    assert (refused.code, refused.rule) == ("conflict", "S1")


async def test_s1_the_first_fee_makes_all_licences_with_the_grace_in_their_end(client):
    await client.subscribe(quantity=3)
    paid = await client.pay("first")
    assert paid.paid_until == at(2027, 2, 28)
    rows = await client.licenses()
    assert {(row["ends_at"], row["kind"], row["subscription_id"]) for row in rows} == {
        (at(2027, 3, 10), 3, client.id)
    }
    assert len(rows) == 3
    granted = await client.activate("laptop")
    assert granted.license.ends_at == at(2027, 3, 10)


async def test_s1_the_same_payment_again_changes_nothing(client):
    await client.subscribe()
    first = await client.pay("same")
    again = await client.pay("same")
    assert (first.paid.fresh, again.paid.fresh) == (True, False)
    assert first.paid_until == again.paid_until
    assert len(await client.licenses()) == 2


async def test_s1_twenty_payments_at_once_with_one_reference_are_one(client):
    await client.subscribe()
    done = await asyncio.gather(*(client.pay("same") for _ in range(20)))
    assert sum(one.paid.fresh for one in done) == 1
    assert {one.paid_until for one in done} == {at(2027, 2, 28)}
    assert len(await client.licenses()) == 2


async def test_s1_parts_of_a_fee_add_up_and_more_than_is_owed_is_refused(client):
    await client.subscribe()
    part = await client.pay("a", Decimal("100.00"))
    assert (part.paid.settled, part.paid_until) == (False, None)
    too_much = await client.pay("b", Decimal("20.01"))
    assert (too_much.code, too_much.facts) == ("conflict", {"owed": "20.00"})
    assert (await client.pay("c", Decimal("20.00"))).paid_until == at(2027, 2, 28)


async def test_s1_a_set_up_fee_paid_begins_no_period(client):
    made = await client.subscribe()
    paid = await client.pay("setup", Decimal("50.00"), charge_id=made.charges[0].charge_id)
    assert (paid.paid.settled, paid.paid_until) == (True, None)
    assert await client.licenses() == []
    assert (await client.pay("x", FEE, charge_id=4711)).code == "not_found"


async def test_s1_the_day_of_paying_counts_not_the_day_of_recording(client):
    await client.subscribe()
    await client.travel(at(2027, 2, 5, 12))
    early = await client.pay("early", paid_at=at(2027, 1, 1))
    assert early.code == "conflict"
    assert (await client.pay("soon", paid_at=at(2027, 2, 6))).code == "conflict"
    assert (await client.pay("value date", paid_at=at(2027, 2, 2, 9))).paid_until == at(2027, 3, 2)


async def test_s1_a_year_of_renewals_each_asked_for_two_weeks_before_and_paid_in_the_grace(client):
    await client.subscribe()
    await client.pay("0")
    granted = await client.activate("laptop")
    start = at(2027, 1, 31)
    for month in range(1, 13):
        end = add_months(start, month)
        await client.travel(add_days(end, -15) + 60)
        assert await client.run(open_next_fees) == 0
        await client.travel(add_days(end, -14) + 60)
        assert await client.run(open_next_fees) == 1
        assert await client.run(open_next_fees) == 0
        await client.travel(service_end(end) - 5)
        before = await client.holding()
        paid = await client.pay(str(month))
        assert paid.paid_until == add_months(start, month + 1)
        assert await client.holding() > before
        again = await client.activate("laptop")
        assert again.license.license_id == granted.license.license_id
        assert again.license.ends_at == service_end(add_months(start, month + 1))
        assert not again.is_new
    assert len(await client.licenses()) == 2
    [[fees]] = await client.office.fetch("SELECT count(*) FROM charge WHERE kind = 3")
    assert fees == 13


async def test_s2_on_the_11th_day_the_licences_are_over(client):
    await client.subscribe()
    await client.pay("0")
    await client.activate("laptop")
    await client.travel(at(2027, 3, 10) - 10)
    assert not isinstance(await client.activate("laptop"), Refused)
    assert (await client.show()).standing == "grace"
    await client.travel(at(2027, 3, 10))
    refused = await client.activate("laptop")
    assert refused.code == "expired"
    assert (await client.show()).standing == "lapsed"


async def test_s2_softphones_are_told_on_the_last_day_only(client):
    await client.subscribe()
    await client.pay("0")
    await client.travel(at(2027, 3, 8, 12))
    assert (await client.activate("laptop")).notices == ()
    await client.travel(at(2027, 3, 9, 12))
    [notice] = (await client.activate("laptop")).notices
    assert "24 hours" in notice


async def test_s2_the_owner_is_warned_once_on_the_day_before(client):
    await client.subscribe()
    await client.pay("0")
    await client.travel(at(2027, 3, 9) - 30)
    assert await client.run(warn_ending_subscriptions) == 0
    await client.travel(at(2027, 3, 9))
    assert await client.run(warn_ending_subscriptions) == 1
    assert await client.run(warn_ending_subscriptions) == 0
    [mail] = await client.office.fetch(
        "SELECT subject, params::text FROM mail WHERE template = 'subscription_ends'"
    )
    assert mail["subject"] == client.account.account_id
    assert str(at(2027, 3, 10)) in mail["params"]
    await client.run(open_next_fees)
    await client.pay("1")
    await client.travel(service_end(at(2027, 3, 31)) - 60)
    assert await client.run(warn_ending_subscriptions) == 1


async def test_s2_two_servers_warn_and_ask_once(client):
    await client.subscribe()
    await client.pay("0")
    await client.travel(at(2027, 3, 9, 8))
    assert sum(await asyncio.gather(*(client.run(warn_ending_subscriptions) for _ in range(4)))) == 1
    assert sum(await asyncio.gather(*(client.run(open_next_fees) for _ in range(4)))) == 1


async def test_s3_after_the_grace_a_fee_is_refused_and_not_recorded(client):
    await client.subscribe()
    await client.pay("0")
    await client.travel(at(2027, 3, 1))
    await client.run(open_next_fees)
    await client.travel(at(2027, 3, 10))
    refused = await client.pay("late")
    assert (refused.code, refused.rule) == ("conflict", "S3")
    assert await client.office.fetch("SELECT 1 FROM payment WHERE reference = 'late'") == []
    # The money had come in time and was only recorded late: the same licences go on.
    assert (await client.pay("in time", paid_at=at(2027, 3, 9))).paid_until == at(2027, 3, 31)
    assert not isinstance(await client.activate("laptop"), Refused)


async def test_s3_no_fee_is_asked_for_after_the_grace(client):
    await client.subscribe()
    await client.pay("0")
    await client.travel(at(2027, 3, 10))
    assert await client.run(open_next_fees) == 0


async def test_s4_the_licensor_ends_it_at_once_and_refunds_the_months_not_begun(client):
    await client.subscribe(12)
    await client.pay("0")
    await client.activate("laptop")
    await client.travel(at(2027, 4, 15, 12))
    ended = await client.end(EndedBy.LICENSOR)
    assert (ended.ending.unused_months, ended.ending.refund) == (9, Decimal("90.00"))
    assert (await client.activate("laptop")).code == "expired"
    row = await client.show()
    assert (row.standing, row.kept.refund) == ("ended", Decimal("90.00"))
    payments = await client.office.fetch("SELECT amount FROM payment ORDER BY amount")
    assert [row[0] for row in payments] == [Decimal("-90.00"), FEE]
    assert (await client.end(EndedBy.LICENSOR)).code == "conflict"
    assert (await client.pay("1")).code == "conflict"


async def test_s4_for_breach_it_is_revoked_without_refund(client):
    await client.subscribe(12)
    await client.pay("0")
    ended = await client.end(EndedBy.BREACH)
    assert ended.ending.refund == 0
    assert {row["state"] for row in await client.licenses()} == {2}
    assert (await client.activate("laptop")).code == "revoked"
    assert await client.office.fetch("SELECT 1 FROM payment WHERE amount < 0") == []


async def test_s4_the_client_ends_it_and_uses_up_what_is_paid(client):
    await client.subscribe(12)
    await client.pay("0")
    await client.travel(at(2027, 4, 15))
    ended = await client.end(EndedBy.CLIENT)
    assert (ended.ending.refund, ended.ending.licenses_end_at) == (0, at(2028, 1, 31))
    assert not isinstance(await client.activate("laptop"), Refused)
    await client.travel(at(2028, 1, 20))
    assert await client.run(open_next_fees) == 0
    await client.travel(at(2028, 1, 31))
    assert (await client.activate("laptop")).code == "expired"
    assert await client.run(warn_ending_subscriptions) == 0


async def test_s4_open_fees_of_an_ended_one_are_waived(client):
    await client.subscribe()
    await client.end(EndedBy.CLIENT)
    states = {charge.state.name for charge in (await client.show()).charges}
    assert states == {"WAIVED"}
    assert (await client.pay("x")).code == "conflict"


async def test_s0_all_subscriptions_are_listed(client):
    await client.subscribe()
    listed = await client.act(lambda work: list_all(work, None, 0))
    own = await client.act(lambda work: list_all(work, client.account.login, 0))
    assert [row.kept.subscription.subscription_id for row in listed] == [client.id]
    assert own == listed
    assert await client.act(lambda work: list_all(work, None, client.id)) == []


async def test_s1_every_step_stands_in_the_log(client):
    await client.subscribe()
    await client.pay("0")
    await client.end(EndedBy.LICENSOR)
    rows = await client.office.fetch("SELECT kind, rule FROM event ORDER BY happened")
    told = {(row["kind"], row["rule"]) for row in rows}
    assert {(60, "S0"), (61, "S1"), (11, "S1"), (62, "S4")} <= told
