"""Finding licences by whatever the customer can tell."""

from base64 import urlsafe_b64encode

from service.sample_privacy import MARK, come, person

from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, to_text
from activation.licensing.roles import Role

TRACE = "0000-7kq2"


async def test_a_licence_is_found_by_whatever_begins_so_and_leads_to_its_page(signed_in, office):
    made = await person(office, 1)
    held = await come(office, made, "laptop")
    own = to_text(LICENSE, held.license.license_id)
    browser = await signed_in(Role.SUPPORT)
    for query in (made.login, MARK[:3].upper(), f"{MARK}@exa", "the lap", to_text(ACCOUNT, made.account_id)):
        page = await browser.get(f"/console/licenses?query={query}")
        assert f"/console/licenses/{own}" in page.document.links, query
        assert f"/console/accounts/{to_text(ACCOUNT, made.account_id)}" in page.document.links
        assert "the laptop" in page.words
    activation = await browser.get(
        f"/console/licenses?query={to_text(ACTIVATION, held.activation.activation_id)}"
    )
    assert own in activation.words
    claims = urlsafe_b64encode(f'{{"sub":"{own}"}}'.encode()).decode().rstrip("=")
    for query in (own, f" {own.upper()} ", f"e30.{claims}.e30"):
        led = await browser.get(f"/console/licenses?query={query}")
        assert led.location == f"/console/licenses/{own}"
        typed = await browser.get(f"/console/licenses?query={query}&fragment=1")
        assert own in typed.words
        assert "<html" not in typed.text


async def test_an_account_without_a_licence_is_found_too(signed_in, office):
    made = await office.account(0)
    browser = await signed_in(Role.SALES)
    page = await browser.get(f"/console/licenses?query={made.login[:6]}")
    assert f"/console/accounts/{to_text(ACCOUNT, made.account_id)}" in page.document.links
    assert made.login in page.words


async def test_a_trace_that_is_read_out_leads_to_it(signed_in, office):
    await office.fetch(
        "INSERT INTO refusal_trace (trace_id, refused_at, shard, route, code, rule, weighed)"
        " VALUES ('7kq2-m4xd', extract(epoch FROM now())::bigint, 77, 'r', 'device_limit', 'L4', '[]')"
    )
    browser = await signed_in(Role.SUPPORT)
    for spoken in ("7kq2-m4xd", "7KQ2 M4XD"):
        assert (
            await browser.get(f"/console/licenses?query={spoken}")
        ).location == "/console/traces/7kq2-m4xd"
        page = await browser.get(f"/console/licenses?query={spoken}&fragment=1")
        assert "/console/traces/7kq2-m4xd" in page.document.links
    assert (await browser.get("/console/licenses?query=7kq2-m4xe")).status == 200


async def test_a_certificate_that_was_given_by_file_is_found_by_its_id(signed_in, office):
    made = await office.account(1)
    [[license_id, shard]] = await office.fetch(
        "SELECT license_id, shard FROM license WHERE account_id = $1", made.account_id
    )
    await office.fetch(
        "INSERT INTO offline_file VALUES ('x', $1, $2, $3, 1, NULL, 1, 1, NULL, 'k', $4, 1, '')",
        shard,
        made.account_id,
        license_id,
        "mB3xW9k2Qf7_-aZr51VtYw",
    )
    browser = await signed_in(Role.SUPPORT)
    led = await browser.get("/console/licenses?query=mB3xW9k2Qf7_-aZr51VtYw")
    assert led.location == f"/console/licenses/{to_text(LICENSE, license_id)}"


async def test_g6_an_e_mails_beginning_is_for_who_sees_contacts_and_each_find_is_a_look(signed_in, office):
    made = await person(office, 1)
    await office.fetch("UPDATE personal SET value = 'other-' || value WHERE field = 1")
    address = f"/console/licenses?query={MARK}@ex&fragment=1"
    assert "lic_" not in (await (await signed_in(Role.AUDITOR)).get(address)).text
    assert "lic_" in (await (await signed_in(Role.SUPPORT)).get(address)).text
    looks = "SELECT count(*) FROM event WHERE kind = 100 AND about = $1 AND details->'fields' ? 'email'"
    assert [tuple(row) for row in await office.fetch(looks, made.account_id)] == [(1,)]


async def test_searching_says_what_to_do_and_takes_anything(signed_in, office):
    browser = await signed_in(Role.SUPPORT)
    assert "Type what the customer can tell you" in (await browser.get("/console/licenses")).words
    assert "Type a little more" in (await browser.get("/console/licenses?query=ab")).words
    for odd in (
        "nobody at all",
        "<b>x</b>",
        "%25%25%25",
        "___",
        "e30.bm8.e30",
        "e30.e30.e30",
        "\u202eabc",
        "a" * 4000,
    ):
        page = await browser.get(f"/console/licenses?query={odd}")
        assert page.status == 200, odd
        assert "Nothing is called so" in page.words
        assert "<b>x" not in page.text
    assert (await browser.get(f"/console/licenses?query={'a' * 4001}")).status == 400


async def test_many_are_shown_by_pages(signed_in, office):
    made = await office.account(45)
    browser = await signed_in(Role.AUDITOR)
    address, seen = f"/console/licenses?query={made.login}", set()
    pages = 0
    while address is not None:
        page = await browser.get(address)
        seen |= {link for link in page.document.links if "/licenses/lic_" in link}
        address = next((link for link in page.document.links if "after=" in link), None)
        pages += 1
    assert (len(seen), pages) == (45, 3)
