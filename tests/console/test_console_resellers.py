"""Sales at work on resellers in the console: found, made, paid, granted, penalised, ended."""

import re

import pytest

from activation.licensing.identifiers import ACCOUNT, CHARGE, ORDER, RESELLER, to_text
from activation.licensing.roles import Role

PRICES = "INSERT INTO price VALUES (1, 1, 1, 40), (1, 1, 10, 35)"
TERMS = "INSERT INTO terms_text VALUES ('v1', 'Be good.', 1, 1)"
ACCEPTED = "INSERT INTO acceptance SELECT row_number() OVER (), reseller_id, 'v1', 1, 1, 'x' FROM reseller"


@pytest.fixture
async def sales(office, signed_in):
    """A seller's browser; prices are there, the terms accepted."""
    browser = await signed_in(Role.SALES)
    for sql in (PRICES, TERMS, ACCEPTED):
        await office.fetch(sql)
    return browser


@pytest.fixture
def path(people):
    return f"/console/resellers/{to_text(RESELLER, people.other.reseller_id)}"


async def place(browser, path, quantity=10):
    page = await browser.get(f"{path}/orders?product=softphone&major=5&quantity={quantity}")
    return await browser.follow(await browser.submit(page, r".*/orders\?product=.*"))


def order_path(order):
    return order.form(".*/payments").action.removesuffix("/payments")


async def test_p1_p2_a_reseller_is_made_and_found(office, sales):
    page = await sales.get("/console/resellers")
    made = await sales.submit(
        page, "/console/resellers/new", name="Łódź & Sons", kind="company", discount="12,5"
    )
    assert "Nobody can read these later" in made.words
    [link] = [one for one in made.document.links if one.startswith("/console/resellers/rsl_")]
    shown = await sales.get(link)
    assert "Łódź & Sons" in shown.words
    assert "12.50 %" in shown.words
    number = link.rpartition("/")[2]
    for query in ("łódź", "SONS", number):
        found = await sales.get(f"/console/resellers?query={query}&fragment=1")
        assert [link] == [one for one in found.document.links if "rsl_" in one]
    assert "No reseller fits that." in (await sales.get("/console/resellers?query=%25")).words


async def test_a_wrong_discount_is_said_at_its_field_and_the_rest_is_kept(sales):
    page = await sales.get("/console/resellers")
    shown = await sales.submit(
        page, "/console/resellers/new", name="Kept Ltd", kind="company", discount="half"
    )
    assert (shown.status, "Kept Ltd" in shown.text, "e-discount" in shown.text) == (400, True, True)


async def test_p3_an_order_is_paid_in_parts_and_its_licences_join_the_pool(office, sales, path):
    order = await place(sales, path)
    assert order.form(".*/payments").fields["amount"] == "350.00"
    done = await sales.submit(order, ".*/payments", amount="100,50", reference="bank 1", method="transfer")
    part = await sales.follow(done)
    assert "More is owed" in part.words
    again = await sales.submit(part, ".*/payments", amount="100.50", reference="bank 1", method="transfer")
    assert "recorded before" in (await sales.follow(again)).words
    again = await sales.get(order_path(order))
    more = await sales.submit(again, ".*/payments", amount="999", reference="bank 2", method="card")
    assert (more.status, 'value="999"' in more.text) == (409, True)
    again = await sales.get(order_path(order))
    done = await sales.submit(again, ".*/payments", amount="249.50", reference="bank 3", method="card")
    paid = await sales.follow(done)
    assert "all that was owed" in paid.words
    assert "Paid" in paid.words
    [[total]] = await office.fetch("SELECT sum(delta) FROM pool_entry WHERE why = 1 AND delta = 10")
    assert total >= 10
    assert "An order was paid" in (await sales.get(f"{path}/pool?product=softphone&major=5")).words


async def test_a_day_that_is_none_is_said_so(sales, path):
    order = await place(sales, path)
    for day in ("2026-02-31", "yesterday", "99999-1-1", "0001-01-01"):
        page = await sales.get(order_path(order))
        fields = {"amount": "1", "reference": day, "method": "transfer", "paid_on": day}
        shown = await sales.submit(page, ".*/payments", **fields)
        is_day = day == "0001-01-01"  # long ago: it counts as the day when the order was placed
        assert (shown.status, "wrong-paid_on" in shown.text) == ((303, False) if is_day else (400, True))


async def test_p3_an_order_is_seen_and_paid_only_with_its_own_reseller(office, sales, people, path):
    [[mine]] = await office.fetch(
        "SELECT purchase_id FROM purchase WHERE reseller_id <> $1", people.other.reseller_id
    )
    assert (await sales.get(f"{path}/orders/{to_text(ORDER, mine)}")).status == 404
    [[charge]] = await office.fetch(
        "SELECT charge_id FROM charge WHERE reseller_id <> $1", people.other.reseller_id
    )
    assert (await sales.get(f"{path}/charges/{to_text(CHARGE, charge)}")).status == 404


async def test_t1_test_licences_are_granted(sales, path):
    page = await sales.get(path)
    done = await sales.submit(page, f"{path}/tests", product="softphone", major="5", count="7")
    shown = await sales.follow(done)
    assert "7 test licences are granted; it has 7 to assign now." in shown.words
    assert "Test licences" in shown.words


async def test_p7_a_penalty_is_opened_disputed_returned(office, sales, path):
    page = await sales.get(f"{path}/charges")
    done = await sales.submit(page, f"{path}/charges", product="softphone", licenses="3", note="Copied keys")
    charge = await sales.follow(done)
    assert "A penalty of €240.00 is opened." in charge.words
    assert "Licences can be disabled for it when" in charge.words
    charge = await sales.follow(await sales.submit(charge, ".*/dispute"))
    assert [one.action for one in charge.document.forms if one.action.endswith("/payments")] == []
    charge = await sales.follow(await sales.submit(charge, ".*/return"))
    assert "Returned" in charge.words


async def test_p7_an_overdue_penalty_disables_and_its_payment_reinstates(office, sales, people, path):
    number = to_text(CHARGE, people.other.thing_id)
    charge = await sales.get(f"{path}/charges/{number}")
    charge = await sales.follow(await sales.submit(charge, ".*/disable"))
    assert "1 licence is disabled." in charge.words
    assert "A penalty is unpaid past its term." in (await sales.get(path)).words
    await sales.submit(charge, ".*/payments", amount="20", reference="pen", method="transfer")
    [[state]] = await office.fetch(
        "SELECT state FROM reseller WHERE reseller_id = $1", people.other.reseller_id
    )
    assert state == 0


async def test_p8_who_is_late_is_suspended_charged_and_reinstated(office, sales, path):
    assert "Nobody is late." in (await sales.get("/console/late")).words
    order = await place(sales, path)
    await office.fetch("UPDATE purchase SET due_at = due_at - 12 * 86400 WHERE state = 0")
    listed = await sales.get("/console/late")
    [link] = [one for one in listed.document.links if one.startswith("/console/late/rsl_")]
    client = await sales.get(link)
    client = await sales.follow(await sales.submit(client, f"{link}/suspend"))
    assert "The client is suspended" in client.words
    refused = await sales.submit(client, f"{link}/reinstate")
    assert (refused.status, "still owes" in refused.words) == (409, True)
    client = await sales.follow(await sales.submit(client, f"{link}/charge", amount="25"))
    [[charge]] = await office.fetch("SELECT charge_id FROM charge WHERE kind = 2")
    owed = await sales.get(f"{path}/charges/{to_text(CHARGE, charge)}")
    await sales.submit(owed, ".*/payments", amount="25", reference="a", method="transfer")
    await sales.submit(order, ".*/payments", amount="350", reference="b", method="transfer")
    client = await sales.follow(await sales.submit(client, f"{link}/reinstate"))
    assert "The client is reinstated" in client.words


async def test_p8_a_direct_client_that_is_late_is_a_look(office, sales, people):
    path = f"/console/late/{to_text(ACCOUNT, people.other.account_id)}"
    assert "Nothing of this client is past due." in (await sales.get(path)).words
    assert (await sales.get("/console/late/acc_0000000000001")).status == 404
    looks = await office.fetch("SELECT about FROM event WHERE kind = 100")
    assert people.other.account_id in {row[0] for row in looks}


async def test_p9_an_agreement_ends_by_its_name_with_what_that_ends_shown_first(office, sales, people, path):
    page = await sales.get(f"{path}/end")
    assert "10 licences in its pool forfeited" in page.words
    wrong = await sales.submit(page, f"{path}/end", why="breach", note="Copied keys", name="Somebody")
    assert (wrong.status, "wrong-name" in wrong.text, "Copied keys" in wrong.text) == (400, True, True)
    page = await sales.get(f"{path}/end")
    early = await sales.submit(
        page, f"{path}/end", why="late", note="x", name=f"Secret name {people.other.reseller_id}"
    )
    page = await sales.get(f"{path}/end")
    assert (early.status, "Rule P8" in early.words) == (409, True)
    done = await sales.submit(
        page, f"{path}/end", why="breach", note="Copied keys", name=f"secret name {people.other.reseller_id}"
    )
    ended = await sales.follow(done)
    assert "10 licences of the pool are forfeited, 1 assigned ones go on working" in ended.words
    ended = await sales.follow(await sales.submit(ended, f"{path}/end/deletion", evidence="A letter."))
    assert "Nothing is left to do." in ended.words
    assert re.search(r"This agreement ended on", (await sales.get(path)).words)


async def test_auditors_see_all_of_it_and_change_nothing(signed_in, sales, path):
    browser = await signed_in(Role.AUDITOR)
    for one in (
        "/console/resellers",
        path,
        f"{path}/orders",
        f"{path}/charges",
        f"{path}/users",
        f"{path}/end",
    ):
        page = await browser.get(one)
        forms = {form.action for form in page.document.forms} - {"/console/sign-out", "/console/resellers"}
        assert (page.status, forms) == (200, set()), one


async def test_p4_prices_are_changed_by_lines_and_a_wrong_line_is_named(office, sales):
    page = await sales.get("/console/prices")
    assert page.form("/console/prices/softphone").fields["tiers"].strip() == "1 40.00\n10 35.00"
    wrong = await sales.submit(page, "/console/prices/softphone", tiers="1 40\n\nten 35")
    assert (wrong.status, "Line 3:" in wrong.words, "ten 35" in wrong.text) == (400, True, True)
    page = await sales.get("/console/prices")
    rising = await sales.submit(page, "/console/prices/softphone", tiers="1 40\n10 41")
    assert (rising.status, "Rule P4" in rising.words) == (409, True)
    page = await sales.get("/console/prices")
    done = await sales.submit(page, "/console/prices/softphone", tiers="1 €41,50\n10: 36")
    shown = await sales.follow(done)
    assert "€41.50 each" in shown.words
    assert "The new prices of softphone are in force." in shown.words


async def test_g8_terms_are_published_a_month_ahead(office, signed_in):
    browser, path = await signed_in(Role.ADMIN), "/console/published-terms"
    page = await browser.get(path)
    assert "No terms are published." in page.words
    first = await browser.follow(await browser.submit(page, path, version="v1", text="Be good.\n" * 9000))
    assert "Version v1 is published." in first.words
    soon = await browser.submit(first, path, version="v2", text="Be better.", effective_on="2026-11-24")
    assert (soon.status, "Rule G8" in soon.words, "Be better." in soon.text) == (409, True, True)
    page = await browser.get(path)
    later = await browser.follow(await browser.submit(page, path, version="v2", text="Be better."))
    assert "Announced change" in later.words
