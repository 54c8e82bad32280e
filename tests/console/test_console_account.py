"""An account's page: its licences, its person as far as the role sees, and giving it licences."""

from service.sample_privacy import MARK, come, person

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role


async def test_an_account_shows_its_licences_and_of_its_person_what_the_role_sees(signed_in, office):
    made = await person(office, 2)
    await come(office, made, "laptop")
    path = f"/console/accounts/{to_text(ACCOUNT, made.account_id)}"
    for role in (Role.ADMIN, Role.SUPPORT, Role.SALES, Role.AUDITOR):
        browser = await signed_in(role)
        page = await browser.get(path)
        assert page.status == 200
        assert made.login in page.words
        assert page.words.count("softphone 5") == 3
        sees = role is not Role.AUDITOR
        for known in (f"Ann {MARK}", f"{MARK}@example.com", f"1 {MARK} Street", f"+359 {MARK}"):
            assert (known in page.words) is sees, (role, known)
        assert ("Give licences" in page.words) is (role in (Role.ADMIN, Role.SALES))
    await office.fetch("UPDATE account SET restricted_at = 1")
    hidden = await (await signed_in(Role.SALES)).get(path)
    assert MARK not in hidden.text
    assert "the laptop" not in hidden.text
    assert MARK in (await (await signed_in(Role.SUPPORT)).get(path)).text


async def test_l5_sales_give_an_account_licences(signed_in, office):
    made = await office.account(0)
    path = f"/console/accounts/{to_text(ACCOUNT, made.account_id)}"
    browser = await signed_in(Role.SALES)
    page = await browser.get(path)
    assert "It has no licence." in page.words
    wrong = await browser.submit(page, ".*/licenses", product="softphone", major="five", count="3")
    assert wrong.status == 400
    assert "This must be a number." in wrong.words
    done = await browser.submit(wrong, ".*/licenses", product="softphone", major="5", count="3")
    page = await browser.follow(done)
    assert "3 licences are given." in page.words
    assert page.words.count("free") >= 3


async def test_c3_a_large_accounts_licences_are_counted_and_paged(signed_in, office):
    made = await office.account(30)
    for name in ("one", "two"):
        await come(office, made, name)
    last = "SELECT max(license_id) FROM license WHERE account_id = $1"
    await office.fetch(f"UPDATE license SET state = 2 WHERE license_id = ({last})", made.account_id)
    path = f"/console/accounts/{to_text(ACCOUNT, made.account_id)}"
    browser = await signed_in(Role.AUDITOR)
    page = await browser.get(path)
    assert "softphone 5 Perpetual 30 2 27" in page.words
    following = next(link for link in page.document.links if "after=" in link)
    rest = await browser.get(following)
    seen = {link for shown in (page, rest) for link in shown.document.links if "/licenses/lic_" in link}
    assert len(seen) == 30
    assert not any("after=" in link for link in rest.document.links)
    assert (await browser.get("/console/accounts/acc_0")).status == 404
