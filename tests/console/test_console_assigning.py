"""Licences assigned in the console: to one, to hundreds from a file, tests; each row exactly once (P5)."""

import csv
import io
import re
from urllib.parse import unquote

import aiohttp
import pytest

from activation.licensing.roles import Role

ONE, PREVIEW, ROWS, TESTS = (
    "/console/assign",
    "/console/assign/preview",
    "/console/assign/rows",
    "/console/test-licenses",
)
HEAD = "product,major,count,login,email,name\n"


@pytest.fixture
async def browser(signed_in):
    return await signed_in(Role.OPERATOR)


@pytest.fixture
async def ours(office, people):
    """The reseller and its first customer, who has a licence already."""
    [[reseller_id]] = await office.fetch(
        f"SELECT reseller_id FROM reseller_user WHERE user_id = {people.ids[Role.OWNER]}"
    )
    [[account_id]] = await office.fetch(f"SELECT account_id FROM account WHERE reseller_id = {reseller_id}")
    [[login]] = await office.fetch(f"SELECT value FROM personal WHERE subject = {account_id} AND field = 1")
    return reseller_id, account_id, login


async def stock(office, reseller_id, count, kind=0, seq=2):
    """Put more into the pool; tests into theirs."""
    await office.fetch(
        "INSERT INTO pool_entry (reseller_id, product_id, major, kind, seq, delta, balance, why, entered_at)"
        f" VALUES ({reseller_id}, 1, 5, {kind}, {seq}, {count}, {count if kind else count + 10}, 4, 2)"
    )


async def left(office, reseller_id, kind=0):
    rows = await office.fetch(
        f"SELECT balance FROM pool_entry WHERE reseller_id = {reseller_id} AND kind = {kind}"
        " ORDER BY seq DESC LIMIT 1"
    )
    return rows[0][0]


async def give(browser, path=ONE, **fields):
    return await browser.submit(await browser.get(path), path, **{"what": "softphone:5", **fields})


async def upload(browser, content, name="rows.csv", **fields):
    """Choose a file and look at its rows."""
    form = aiohttp.FormData({**(await browser.get(ONE)).form(PREVIEW).fields, **fields})
    form.add_field("file", content, filename=name, content_type="text/csv")
    return await browser.post(PREVIEW, form)


def outcome(page):
    [link] = [one for one in page.document.links if one.startswith("data:")]
    text = unquote(link.partition(",")[2])
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


async def test_p5_licences_go_to_one_customer_and_the_page_tells(browser, office, ours):
    reseller_id, _, login = ours
    done = await browser.follow(await give(browser, who=f" {login.upper()} ", count="4"))
    assert "4 licences are assigned." in done.words
    assert await left(office, reseller_id) == 6


async def test_p5_a_form_sent_twice_assigns_once(browser, office, ours):
    reseller_id, _, login = ours
    page = await browser.get(ONE)
    sent = {"who": login, "what": "softphone:5", "count": "4"}
    first, again = [await browser.submit(page, ONE, **sent) for _ in range(2)]
    assert (first.location, again.status, await left(office, reseller_id)) == (first.location, 303, 6)


async def test_p5_more_than_the_pool_has_is_refused_with_what_to_do(browser, office, ours):
    reseller_id, _, login = ours
    refused = await give(browser, who=login, count="11")
    assert refused.status == 409
    for words in ("The pool has not enough licences", "Rule P5:", "Order more"):
        assert words in refused.words
    assert "second person" not in refused.words
    assert refused.text.count('aria-invalid="true"') == 1
    assert refused.form(ONE).fields["who"] == login
    assert await left(office, reseller_id) == 10
    assert [tuple(row) for row in await office.fetch("SELECT kind FROM hook_message")] == [("limit.hit",)]


async def test_p5_who_is_no_customer_is_told_at_the_field(browser):
    for who in ("nobody", "nobody@example.com", "acc_0000000000000"):
        refused = await give(browser, who=who)
        assert (refused.status, 'id="wrong-who"' in refused.text) == (404, True)
        assert "You have no such customer." in refused.words


async def test_what_is_no_licence_of_the_pool_is_told_at_the_field(browser, ours):
    *_, login = ours
    for what in ("softphone:32768", "softphone:99999", "softphone", ":5", "softphone:5:", "softphone:-1"):
        assert (await give(browser, who=login, what=what)).status == 400, what
    for what in ("softphone:32767", "nothing:5"):
        assert (await give(browser, who=login, what=what)).status in (404, 409), what
    for count in ("0", "10001", "1e3", "", "999999999999999999999"):
        assert (await give(browser, who=login, count=count)).status in (303, 400, 409), count


async def test_an_empty_pool_says_where_licences_come_from(browser, signed_in, office):
    await office.fetch("TRUNCATE pool_entry")
    assert "when an order is paid" in (await browser.get(ONE)).words
    assert "Order licences" not in (await browser.get(ONE)).words
    assert "Order licences" in (await (await signed_in(Role.OWNER)).get(ONE)).words


async def test_p5_a_file_is_looked_at_first_and_nothing_is_assigned(browser, office, ours):
    reseller_id, _, login = ours
    rows = (
        f"softphone,5,2,{login},,\nsoftphone,5,3,,new@example.com,New\nsoftphone,5,9,{login},,\nnone,5,,x,,\n"
    )
    accounts = await office.fetch("SELECT count(*) FROM account")
    shown = await upload(browser, (HEAD + rows).encode())
    assert shown.status == 200
    for words in ("Assign 5 licences", "5 licences of softphone 5 leave your pool; 5 stay", "a new customer"):
        assert words in shown.words
    for words in ("The pool has 5 licences", "There is no such product."):
        assert words in shown.words
    assert await left(office, reseller_id) == 10
    assert await office.fetch("SELECT count(*) FROM account") == accounts


async def test_p5_each_row_of_a_file_is_assigned_once_however_often_it_is_sent(browser, office, ours):
    reseller_id, _, login = ours
    names = "".join(f"softphone,5,1,,c{n}@example.com,=Name {n}\n" for n in range(5))
    shown = await upload(
        browser, (HEAD + f"softphone,5,2,{login},,\n" + names + "softphone,6,,x,,\n").encode()
    )
    first, again = [await browser.submit(shown, ROWS) for _ in range(2)]
    assert (first.status, first.text) == (200, again.text)
    assert await left(office, reseller_id) == 3
    told = outcome(first)
    assert [row["result"] for row in told] == ["assigned"] * 6 + ["refused"]
    assert [len(row["license_ids"].split()) for row in told] == [2, 1, 1, 1, 1, 1, 0]
    assert {row["login"] for row in told if row["password"]} & {login} == set()
    assert len({row["password"] for row in told[1:6]}) == 5
    assert all(row["password"] in first.words and row["name"].startswith("'=") for row in told[1:6])
    assert told[6]["code"] == "not_found"


async def test_p5_rows_that_were_assigned_are_assigned_again_only_if_that_is_meant(
    browser, signed_in, office, ours
):
    reseller_id, _, login = ours
    content = f"{HEAD}softphone,5,2,{login},,\n".encode()
    stale = await upload(browser, content)
    await browser.submit(await upload(browser, content), ROWS)
    refused = await browser.submit(stale, ROWS)
    assert (refused.status, "were assigned before" in refused.words) == (409, True)
    colleague = await signed_in(Role.OWNER)
    shown = await upload(colleague, content.replace(b",", b";").upper().replace(b"SOFTPHONE", b"softphone"))
    assert "just now : 2 licences. Assigned again" in shown.words
    refused = await colleague.submit(shown, ROWS)
    once_more = await colleague.submit(refused, PREVIEW)
    done = await colleague.submit(once_more, ROWS, again="true")
    assert (done.status, await left(office, reseller_id)) == (200, 6)


async def test_p5_all_or_nothing_refuses_all_and_keeps_the_file(browser, office, ours):
    reseller_id, _, login = ours
    shown = await upload(browser, f"{HEAD}softphone,5,1,{login},,\nsoftphone,5,1,nobody,,\n".encode())
    refused = await browser.submit(shown, ROWS, all_or_nothing="true")
    assert (refused.status, "Your file is still here" in refused.words) == (404, True)
    assert await left(office, reseller_id) == 10
    once_more = await browser.submit(refused, PREVIEW)
    assert "Assign 1 licence" in once_more.words


async def test_a_file_may_name_no_product_and_have_semicolons_and_blank_rows(browser, ours):
    *_, login = ours
    content = f"Login;Count\r\n{login};2\r\n;\r\n{login};\r\n".encode("utf-8-sig")
    shown = await upload(browser, content, default="softphone:5")
    assert "Assign 3 licences" in shown.words
    done = await browser.submit(shown, ROWS)
    assert "3 licences are assigned, from 2 rows" in done.words


async def test_rows_are_pasted_as_well_and_equal_ones_are_pointed_at(browser, office, ours):
    *_, login = ours
    row = f"softphone,5,1,{login},,\n"
    page = await browser.get(ONE)
    shown = await browser.submit(page, PREVIEW, text=(HEAD + row * 2).replace(",", "\t"))
    assert await office.fetch("SELECT FROM idempotency") == []  # nobody's e-mail is kept for a look
    assert "Row 2 is the same as one before it" in shown.words
    assert "same as row 1" in shown.words


UNREADABLE = [
    ("name\nÅsa".encode("cp1252"), "UTF-8"),
    (b"", "Choose a file"),
    (HEAD.encode(), "no rows"),
    (b"a,b\n1,2\n", "names the columns"),
    (HEAD.encode() + b"softphone,5,1,x,,\n" * 1001, "At most 1000 rows"),
    (HEAD.encode() + b'softphone,5,1,"x,,\n', "cannot be read"),
    (b"\xff\xfep\x00", "UTF-8"),
]


async def test_a_file_that_cannot_be_read_says_why_at_its_field(browser):
    for content, told in UNREADABLE:
        shown = await upload(browser, content)
        assert (shown.status, 'id="wrong-file"' in shown.text) == (400, True), content[:50]
        assert told in shown.words


async def test_pasted_rows_that_cannot_be_read_say_why_where_they_were_pasted(browser):
    shown = await browser.submit(await browser.get(ONE), PREVIEW, text="hello there")
    assert (shown.status, "names the columns" in shown.words) == (400, True)
    assert ('id="wrong-text"' in shown.text, 'id="wrong-file"' in shown.text) == (True, False)
    assert shown.form(PREVIEW).fields["text"].strip() == "hello there"


async def test_a_thousand_rows_are_shown_and_assigned(browser, office, ours):
    reseller_id, *_ = ours
    await stock(office, reseller_id, 2000)
    rows = "".join(f"softphone,5,1,,c{n}@example.com,Name {n}\n" for n in range(1000))
    shown = await upload(browser, (HEAD + rows).encode())
    done = await browser.submit(shown, ROWS)
    assert "1\u202f000 licences" not in shown.words
    assert (done.status, len(outcome(done)), await left(office, reseller_id)) == (200, 1000, 1010)


async def test_t_tests_are_given_counted_and_refused_by_their_rules(browser, office, ours):
    reseller_id, account_id, login = ours
    assert "Ask sales for more" in (await browser.get(TESTS)).words
    await stock(office, reseller_id, 5, kind=1, seq=1)
    await browser.submit(await browser.get("/console/customers/new"), "/console/customers/new", name="Bea")
    [[new]] = await office.fetch(
        "SELECT value FROM personal WHERE field = 1 AND subject = (SELECT subject"
        " FROM personal WHERE value = 'Bea')"
    )
    done = await browser.follow(await give(browser, TESTS, who=new, count="2"))
    assert "2 test licences are given, for 14 days from now." in done.words
    page = await browser.get(TESTS)
    assert re.search("3 test licences of softphone 5 left", page.words)
    assert "in 14 days" in page.words
    assert page.words.count("Bea") == 2
    assert (await give(browser, TESTS, who=new, count="4")).form(TESTS).fields["who"] == new
    await give(browser, TESTS, who=new)
    refused = await give(browser, TESTS, who=new)
    assert (refused.status, "Rule T3:" in refused.words) == (409, True)
    await give(browser, who=new)
    assert "Nobody is testing" in (await browser.get(TESTS)).words
    await office.fetch(f"UPDATE account SET regular_at = 1 WHERE account_id = {account_id}")
    refused = await give(browser, TESTS, who=login)
    assert (refused.status, "Rule T4:" in refused.words, await left(office, reseller_id, 1)) == (409, True, 2)


async def test_the_example_file_can_be_taken_as_it_is(browser):
    example = await browser.get(f"{ONE}/example.csv")
    assert example.headers["Content-Disposition"].startswith("attachment")
    assert "zoiper" in (await upload(browser, example.text.encode())).words


async def test_p8_a_suspended_reseller_is_told_what_it_can_do(browser, office, ours):
    *_, login = ours
    page = await browser.get(ONE)
    await office.fetch("UPDATE reseller SET state = 1")
    for refused in (
        await browser.submit(page, ONE, who=login, what="softphone:5"),
        await browser.submit(page, PREVIEW, text=f"{HEAD}softphone,5,1,{login},,\n"),
    ):
        assert refused.status == 403
        for words in ("Your account is suspended", "Rule P8:", "paid and recorded"):
            assert words in refused.words
