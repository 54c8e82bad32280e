"""A reseller's customers in the console: found, looked at, made with a login that is shown once."""

import re

import pytest

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role

PATH, NEW = "/console/customers", "/console/customers/new"
PASSWORD = re.compile(r"(?:[0-9a-z]{4}-){5}[0-9a-z]{4}")


@pytest.fixture
async def browser(signed_in):
    return await signed_in(Role.OPERATOR)


async def make(browser, **fields):
    return await browser.submit(await browser.get(NEW), NEW, **{"name": "Anna", **fields})


async def balance(office):
    [[left]] = await office.fetch(
        "SELECT balance FROM pool_entry e JOIN reseller_user USING (reseller_id) WHERE login LIKE 'operator%'"
        " ORDER BY e.reseller_id, seq DESC LIMIT 1"
    )
    return left


async def names(browser, query):
    shown = await browser.get(f"{PATH}?query={query}&fragment=1")
    return re.findall(r"<bdi>(.*?)</bdi>", shown.text)


async def test_p2_a_new_customers_login_is_shown_once_with_its_first_licences(browser, office):
    made = await make(browser, email="anna@example.com", rolled_out="true", what="softphone:5", count="3")
    assert made.status == 200
    assert len(set(PASSWORD.findall(made.words))) == 2
    assert "3 licences are assigned" in made.words
    assert await balance(office) == 7
    [link] = [one for one in made.document.links if re.fullmatch(f"{PATH}/acc_.*", one)]
    page = await browser.get(link)
    assert (page.status, PASSWORD.findall(page.words)) == (200, [])
    for words in ("Anna", "anna@example.com", "3 licences", "softphone 5", "Perpetual", "for good", "free"):
        assert words in page.words, words


async def test_p5_a_new_customer_for_whom_the_pool_has_too_few_is_not_made(browser, office):
    before = await office.fetch("SELECT count(*) FROM account")
    refused = await make(browser, what="softphone:5", count="11", email="anna@example.com")
    assert refused.status == 409
    for words in ("Rule P5:", "10 licences of this product", "Order more"):
        assert words in refused.words
    fields = refused.form(NEW).fields
    assert (fields["name"], fields["count"], fields["what"]) == ("Anna", "11", "softphone:5")
    assert (await office.fetch("SELECT count(*) FROM account"), await balance(office)) == (before, 10)


async def test_p5_a_second_customer_with_the_same_e_mail_is_refused_and_what_was_typed_is_kept(browser):
    await make(browser, email="anna@example.com")
    again = await make(browser, email="ANNA@example.com", address="1 Street\nTown")
    assert (again.status, again.form(NEW).fields["address"].strip()) == (409, "1 Street\nTown")
    assert "already" in again.words


async def test_what_is_wrong_is_told_at_its_field(browser):
    for wrong in ({"name": ""}, {"email": "anna"}, {"count": "0"}, {"what": "softphone"}):
        refused = await make(browser, **wrong)
        assert (refused.status, refused.text.count('aria-invalid="true"')) == (400, 1), wrong


async def test_customers_are_found_by_login_name_and_e_mail_and_by_nothing_that_is_no_letter_of_them(browser):
    for name, email in (("Anna Ólafsdóttir", "a@example.com"), ("100% Calls_Ltd", "calls@example.org")):
        await make(browser, name=name, email=email)
    page = await browser.get(PATH)
    login = re.search(r'"hint">([0-9a-z]{5}-[0-9a-z]{5})', page.text)[1]
    assert await names(browser, "ólafs") == ["Anna Ólafsdóttir"]
    assert await names(browser, "EXAMPLE.ORG") == ["100% Calls_Ltd"]
    assert await names(browser, "0%25 c") == await names(browser, "ls_l") == ["100% Calls_Ltd"]
    assert await names(browser, "s%25l") == await names(browser, "sxl") == []
    assert len(await names(browser, login.upper())) == 1
    assert "No customer of yours" in (await browser.get(f"{PATH}?query=nobody")).words


async def test_g3_whoever_is_restricted_is_found_by_login_alone(browser, office):
    await make(browser, email="anna@example.com")
    await office.fetch("UPDATE account SET restricted_at = 1 WHERE reseller_id IS NOT NULL")
    assert await names(browser, "anna") == []
    page = await browser.get(PATH)
    assert "restricted" in page.words
    assert "anna" not in page.words.lower()


async def test_the_newest_customers_come_first_by_pages_of_fifty(browser, office, people):
    other = people.other.reseller_id
    await office.fetch(
        "INSERT INTO account (account_id, created_at, shard, owner_hash, reseller_id)"
        " SELECT n, 1000 + n / 3, 0, '\\x00', reseller_id FROM generate_series(1, 120) n, reseller"
        f" WHERE reseller_id <> {other}"
    )
    seen, url = [], PATH
    while url:
        page = await browser.get(url)
        seen += re.findall(r'/console/customers/(acc_\w+)"', page.text)
        url = next((one for one in page.document.links if "after=" in one), None)
        assert len(seen) <= 200
    assert seen[1:] == [to_text(ACCOUNT, n) for n in range(120, 0, -1)]
    assert "no more customers" in (await browser.get(f"{PATH}?after={seen[-1]}")).words


async def test_another_resellers_customer_is_as_if_it_were_not_there(browser, people):
    account = to_text(ACCOUNT, people.other.account_id)
    assert (await browser.get(f"{PATH}/{account}")).status == 404
    for path in ("/console/assign", "/console/test-licenses"):
        assert account not in (await browser.get(f"{path}?account={account}")).text


async def test_c2_own_use_is_for_companies(browser, office):
    assert "own_use" not in (await browser.get(NEW)).text
    refused = await make(browser, own_use="true")
    assert (refused.status, "Rule C2:" in refused.words) == (403, True)
    await office.fetch("UPDATE reseller SET kind = 1")
    assert (await browser.submit(await browser.get(NEW), NEW, name="we", own_use="true")).status == 200
