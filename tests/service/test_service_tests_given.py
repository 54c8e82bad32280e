"""T1-T6: test licences, from sales to a reseller to an account, and what ends them."""

import asyncio

import pytest
from sample_pools import open_shop

from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.reselling.assigning import Wish, assign
from activation.service.reselling.granting import assign_tests, grant_tests
from activation.service.reselling.handing import Assigned
from activation.service.working import act_as_system
from activation.storage.lending import lend
from activation.storage.reselling.pool_ledger import prove

DAY = 86_400


@pytest.fixture
async def shop(office):
    return await open_shop(office)


@pytest.fixture
async def anna(shop):
    return await shop.customer(name="Anna", email="anna@example.com")


async def grant(office, shop, count, product="softphone"):
    return await act_as_system(
        office.desk, lambda work: grant_tests(work, shop.reseller_id, product, 5, count)
    )


def wish_for(made, count=1):
    return Wish(made.account_id, "softphone", 5, count)


async def test_t1_sales_grant_a_number_and_no_more_are_assigned(office, shop, anna):
    assert (await shop.do(assign_tests, wish_for(anna))).code == "pool_exhausted"
    granted = await grant(office, shop, 3)
    assert (granted.count, granted.balance) == (3, 3)
    assert (await grant(office, shop, 2)).balance == 5
    refused = await shop.do(assign_tests, wish_for(anna, 6))
    assert (refused.code, refused.facts) == ("pool_exhausted", {"available": 5, "asked": 6})
    done = await shop.do(assign_tests, wish_for(anna, 4))
    assert (len(done.license_ids), done.kind.name, await shop.balance(kind=1)) == (4, "TEST", 1)
    # They are no regular licences, whatever the pool of those has.
    assert (await shop.do(assign, wish_for(anna))).code == "pool_exhausted"
    assert len(await office.fetch("SELECT 1 FROM event WHERE kind = 49 AND rule = 'T1'")) == 2


async def test_t1_nobody_and_nothing_are_granted_nothing(office, shop):
    assert (await grant(office, shop, 3, "none")).code == "not_found"
    unknown = await act_as_system(office.desk, lambda work: grant_tests(work, 7, "softphone", 5, 1))
    assert unknown.code == "not_found"
    await office.fetch("UPDATE reseller SET state = 2")
    assert (await grant(office, shop, 3)).code == "forbidden"


async def test_t2_fourteen_times_24_hours_from_being_assigned_not_from_activation(office, shop, anna):
    await grant(office, shop, 1)
    done = await shop.do(assign_tests, wish_for(anna))
    (row,) = await office.fetch("SELECT created_at, ends_at, kind FROM license")
    assert (row[1] - row[0], row[1], row[2]) == (14 * DAY, done.ends_at, 1)
    office.desk.clock.shift_s += 13 * DAY
    answer = await activate(office.desk, office.caller(), anna.login, anna.password, office.wish("laptop"))
    assert answer.license.ends_at == done.ends_at
    office.desk.clock.shift_s += DAY
    late = await activate(office.desk, office.caller(), anna.login, anna.password, office.wish("laptop"))
    assert late.code == "expired"


async def test_t3_two_occasions_however_many_licences_each(office, shop, anna):
    await grant(office, shop, 50)
    assert isinstance(await shop.do(assign_tests, wish_for(anna, 20)), Assigned)
    assert isinstance(await shop.do(assign_tests, wish_for(anna)), Assigned)
    refused = await shop.do(assign_tests, wish_for(anna))
    assert (refused.code, refused.rule) == ("test_limit", "T3")
    assert await shop.balance(kind=1) == 29


async def test_t3_an_account_erased_and_made_again_with_the_same_e_mail_is_remembered(office, shop, anna):
    await grant(office, shop, 9)
    await shop.do(assign_tests, wish_for(anna))
    await office.fetch("DELETE FROM personal")
    await office.fetch("UPDATE account SET state = 1")
    again = await shop.customer(name="Anna", email=" ANNA@example.com".strip())
    assert isinstance(await shop.do(assign_tests, wish_for(again)), Assigned)
    assert (await shop.do(assign_tests, wish_for(again))).rule == "T3"
    await office.fetch("DELETE FROM personal")
    third = await shop.customer(email="Anna@Example.com")
    assert (await shop.do(assign_tests, wish_for(third))).rule == "T3"
    other = await open_shop(office)
    await grant(office, other, 9)
    elsewhere = await other.customer(email="anna@example.com")
    assert (await other.do(assign_tests, wish_for(elsewhere))).rule == "T3"
    kept = await office.fetch("SELECT digest FROM occasion")
    assert not any(b"anna" in row[0] for row in kept)


async def test_t3_occasions_at_the_same_time_are_two_at_most(office, shop, anna):
    await grant(office, shop, 9)
    done = await asyncio.gather(*(shop.do(assign_tests, wish_for(anna)) for _ in range(9)))
    assert sum(isinstance(one, Assigned) for one in done) == 2
    assert await shop.balance(kind=1) == 7


async def test_t4_only_who_was_never_assigned_a_regular_licence(office, shop, anna):
    await shop.stock(1)
    await grant(office, shop, 9)
    await shop.do(assign, wish_for(anna))
    refused = await shop.do(assign_tests, wish_for(anna))
    assert (refused.code, refused.rule) == ("test_limit", "T4")
    await office.fetch("UPDATE license SET state = 2")  # had one: it need not last
    assert (await shop.do(assign_tests, wish_for(anna))).rule == "T4"
    assert await shop.balance(kind=1) == 9


async def test_t4_regular_and_test_at_the_same_time_never_leave_a_test_running(office, shop):
    await shop.stock(9)
    await grant(office, shop, 9)
    customers = [await shop.customer(name=f"customer {n}") for n in range(9)]
    await asyncio.gather(
        *(shop.do(do, wish_for(made)) for made in customers for do in (assign_tests, assign))
    )
    running = await office.fetch(
        "SELECT 1 FROM license t JOIN license r USING (account_id)"
        " WHERE t.kind = 1 AND r.kind = 0 AND t.ends_at > r.created_at"
    )
    assert running == []
    assert len(await office.fetch("SELECT 1 FROM license WHERE kind = 0")) == 9


async def test_t5_a_regular_licence_ends_all_tests_of_the_account_at_once(office, shop, anna):
    await shop.stock(2)
    await grant(office, shop, 9)
    bert = await shop.customer(name="Bert")
    tests = await shop.do(assign_tests, wish_for(anna, 3))
    kept = await shop.do(assign_tests, wish_for(bert))
    before = await office.fetch("SELECT version FROM holding WHERE account_id = $1", anna.account_id)
    office.desk.clock.shift_s += DAY
    done = await shop.do(assign, wish_for(anna))
    assert done.ended_tests == tests.license_ids
    rows = await office.fetch("SELECT license_id, ends_at, created_at FROM license WHERE kind = 1")
    for license_id, ends_at, created_at in rows:
        expected = 14 * DAY if license_id in kept.license_ids else DAY
        assert expected <= ends_at - created_at <= expected + 60
    told = await office.fetch("SELECT about FROM event WHERE kind = 25 AND rule = 'T5' ORDER BY 1")
    assert [row[0] for row in told] == list(tests.license_ids)
    # A batch under way decides again.
    after = await office.fetch("SELECT version FROM holding WHERE account_id = $1", anna.account_id)
    assert after[0][0] > before[0][0]
    assert (await shop.do(assign, wish_for(anna))).ended_tests == ()


async def test_t6_tests_never_return_to_the_reseller(office, shop, anna):
    await shop.stock(1)
    await grant(office, shop, 5)
    await shop.do(assign_tests, wish_for(anna, 2))
    office.desk.clock.shift_s += 3 * DAY
    await shop.do(assign, wish_for(anna))  # ended early
    bert = await shop.customer(name="Bert")
    await shop.do(assign_tests, wish_for(bert, 2))
    office.desk.clock.shift_s += 30 * DAY  # ran out
    assert await shop.balance(kind=1) == 1
    refused = await shop.do(assign_tests, wish_for(bert, 2))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.facts) == ("pool_exhausted", {"available": 1, "asked": 2})
    back = await office.fetch("SELECT 1 FROM pool_entry WHERE kind = 1 AND delta > 0 AND why <> 4")
    assert back == []
    async with lend(office.desk.pool) as connection:
        assert await prove(connection) == []
