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
