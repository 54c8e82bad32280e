"""P5, P6, C2, C3: licences out of a pool to customers, and what their reseller sees of them."""

import pytest
from sample_pools import open_shop

from activation.licensing.identifiers import account_of_login
from activation.service.activating.activations import activate
from activation.service.provisioning import MadeAccount
from activation.service.reselling.assigning import Wish, assign
from activation.service.reselling.customers import see_customer, see_customers, see_licenses
from activation.service.reselling.pools import see_pools
from activation.storage.lending import lend
from activation.storage.products import read_catalogue


@pytest.fixture
async def shop(office):
    return await open_shop(office)


@pytest.fixture
async def anna(shop):
    return await shop.customer(name="Anna", email="Anna@example.com")


async def test_p5_assigning_takes_one_from_the_pool_for_each_licence(office, shop, anna):
    first, second = await shop.stock(3), await shop.stock(2)
    done = await shop.do(assign, Wish(anna.account_id, "softphone", 5, 4))
    assert (len(done.license_ids), done.ends_at, await shop.balance()) == (4, None, 1)
    rows = await office.fetch(
        "SELECT license_id, account_id, reseller_id, purchase_id, kind, major FROM license ORDER BY 1"
    )
    assert [row[0] for row in rows] == list(done.license_ids)
    assert {row[1:3] for row in rows} == {(anna.account_id, shop.reseller_id)}
    assert [row[3] for row in rows] == [first] * 3 + [second]
    told = await office.fetch("SELECT kind, actor, actor_id, details FROM event WHERE kind = 48")
    assert [tuple(row)[:3] for row in told] == [(48, 5, shop.person.person_id)]
    assert "Anna" not in told[0]["details"]


async def test_p5_a_refused_assignment_takes_nothing(office, shop, anna):
    await shop.stock(3)
    refused = await shop.do(assign, Wish(anna.account_id, "softphone", 5, 4))
    assert (refused.code, refused.facts) == ("pool_exhausted", {"available": 3, "asked": 4})
    other_major = await shop.do(assign, Wish(anna.account_id, "softphone", 6, 1))
    assert other_major.facts == {"available": 0, "asked": 1}
    assert (await shop.do(assign, Wish(anna.account_id, "none", 5, 1))).code == "not_found"
    assert await office.fetch("SELECT 1 FROM license") == []
    assert await shop.balance() == 3


async def test_p5_an_account_of_anybody_else_is_not_found(office, shop, anna):
    other = await open_shop(office)
    await other.stock(5)
    direct = await office.account(0)
    for account_id in (anna.account_id, direct.account_id, account_of_login("nobody")):
        refused = await other.do(assign, Wish(account_id, "softphone", 5, 1))
        assert (refused.code, refused.detail) == ("not_found", "You have no such customer.")
        assert (await other.do(see_customer, account_id)).code == "not_found"
    assert await other.do(see_customers) == []
    assert await other.balance() == 5


async def test_p5_updates_end_as_the_product_says(office, shop, anna):
    await shop.stock(1)
    await office.fetch("UPDATE product SET update_months = 12 WHERE product_id = 1")
    async with lend(office.desk.pool) as connection:
        office.desk.catalogue = await read_catalogue(connection)
    done = await shop.do(assign, Wish(anna.account_id, "softphone", 5, 1))
    (row,) = await office.fetch("SELECT created_at, updates_until FROM license")
    assert row[1] == done.updates_until
    assert 364 * 86400 < row[1] - row[0] <= 366 * 86400


async def test_p5_a_closed_account_and_a_suspended_reseller_get_nothing(office, shop, anna):
    await shop.stock(5)
    await office.fetch("UPDATE account SET state = 1")
    assert (await shop.do(assign, Wish(anna.account_id, "softphone", 5, 1))).code == "account_closed"
    await office.fetch("UPDATE account SET state = 0")
    await office.fetch("UPDATE reseller SET state = 1")
    assert (await shop.do(assign, Wish(anna.account_id, "softphone", 5, 1))).code == "suspended"
    assert await shop.balance() == 5


async def test_p5_an_account_s_login_is_shown_once_and_mailed_without_it(office, shop):
    made = await shop.customer(name="Anna", email="anna@example.com", rolled_out=True)
    assert isinstance(made, MadeAccount)
    assert made.password
    assert made.activation_password
    (mail,) = await office.fetch("SELECT subject, template, params FROM mail")
    assert tuple(mail) == (made.account_id, "account_made", "{}")
    stored = await office.fetch("SELECT field, value FROM personal ORDER BY 1")
    assert [tuple(row) for row in stored] == [(1, made.login), (2, "Anna"), (3, "anna@example.com")]
    await shop.customer(name="Bert")
    assert len(await office.fetch("SELECT 1 FROM mail")) == 1


async def test_p5_a_customer_s_e_mail_is_known_already(shop, anna):
    again = await shop.customer(name="Anna", email="ANNA@EXAMPLE.COM")
    assert again.code == "conflict"
    other = await open_shop(shop.office)
    assert isinstance(await other.customer(email="anna@example.com"), MadeAccount)


async def test_p6_a_tenth_of_all_paid_for_goes_to_affiliates_and_the_next_is_refused(office, shop, anna):
    await shop.stock(25)
    await shop.stock(4, product_id=2)
    await shop.stock(50, kind=1)  # granted, not paid for
    ours, sister = [await shop.customer(name=name, affiliated=True) for name in ("ours", "sister")]
    refused = await shop.do(assign, Wish(ours.account_id, "softphone", 5, 3))
    assert (refused.code, refused.facts) == ("affiliate_limit", {"limit": 2, "given": 0})
    assert len((await shop.do(assign, Wish(ours.account_id, "softphone", 5, 1))).license_ids) == 1
    assert len((await shop.do(assign, Wish(sister.account_id, "anywhere", 5, 1))).license_ids) == 1
    refused = await shop.do(assign, Wish(sister.account_id, "softphone", 5, 1))
    assert (refused.code, refused.facts) == ("affiliate_limit", {"limit": 2, "given": 2})
    assert len((await shop.do(assign, Wish(anna.account_id, "softphone", 5, 20))).license_ids) == 20
    await shop.stock(1)
    assert len((await shop.do(assign, Wish(sister.account_id, "softphone", 5, 1))).license_ids) == 1


async def test_c2_a_company_uses_licences_itself_and_a_reseller_does_not(office, shop):
    company = await open_shop(office, kind=1)
    await company.stock(30)
    own = await company.customer(name="we", own_use=True)
    assert len((await company.do(assign, Wish(own.account_id, "softphone", 5, 20))).license_ids) == 20
    (entry,) = await office.fetch("SELECT why, delta FROM pool_entry WHERE delta < 0")
    assert tuple(entry) == (5, -20)
    refused = await shop.customer(name="we", own_use=True)
    assert (refused.code, refused.rule) == ("forbidden", "C2")
    # A company that became a reseller keeps its accounts, and gives itself no more.
    await office.fetch("UPDATE reseller SET kind = 0")
    refused = await company.do(assign, Wish(own.account_id, "softphone", 5, 1))
    assert (refused.code, refused.rule) == ("forbidden", "C2")


async def test_c3_bought_used_and_free(office, shop, anna):
    await shop.stock(9)
    await shop.do(assign, Wish(anna.account_id, "softphone", 5, 4))
    for name in ("one", "two"):
        answer = await activate(office.desk, office.caller(), anna.login, anna.password, office.wish(name))
        assert answer.license.major == 5
    await office.fetch(
        "UPDATE license SET state = 2 WHERE license_id = (SELECT max(license_id) FROM license)"
    )
    view = await shop.do(see_customer, anna.account_id)
    assert (view.customer.name, view.customer.email) == ("Anna", "Anna@example.com")
    (count,) = view.counts
    assert (count.bought, count.used, count.free) == (4, 2, 1)
    licenses = await shop.do(see_licenses, anna.account_id)
    assert sum(one.used for one in licenses) == 2
    (pool,) = await shop.do(see_pools)
    assert (pool.balance.paid, pool.balance.assigned, pool.balance.balance, pool.used) == (9, 4, 5, 2)
