"""The licensor's people as pages: an admin makes them, gives them roles, lets them in and out."""

import pytest

from activation.licensing.identifiers import STAFF, to_text
from activation.licensing.roles import Role

PATH = "/console/staff"


@pytest.fixture
def page_of(people):
    """Return the address of somebody's page."""
    return lambda role: f"{PATH}/{to_text(STAFF, people.ids[role])}"


async def test_an_admin_makes_a_person_and_the_password_is_shown_once(signed_in, console):
    admin = await signed_in(Role.ADMIN)
    page = await admin.get(PATH)
    made = await admin.submit(page, PATH, role="sales", login="maria.k", email="maria@example.com")
    assert made.status == 200
    password = made.text.split('data-copy="')[2].split('"')[0]
    again = await admin.get(PATH)
    assert "maria.k" in again.words
    assert password not in again.text
    entered = await console.submit(
        await console.get("/console/sign-in"), "/console/sign-in", login="maria.k", password=password
    )
    assert entered.location == "/console/set-up"
    taken = await admin.submit(again, PATH, role="sales", login="maria.k")
    assert (taken.status, "This login is taken." in taken.words) == (409, True)
    assert taken.form(PATH).fields["login"] == "maria.k"


async def test_what_cannot_be_is_told_at_its_field(signed_in):
    admin = await signed_in(Role.ADMIN)
    wrong = (("login", "Üpper"), ("email", "nobody"), ("role", "owner"), ("login", "x" * 65))
    for field, typed in wrong:
        page = await admin.submit(await admin.get(PATH), PATH, **{"role": "sales", field: typed})
        assert (page.status, f'id="wrong-{field}"' in page.text) == (400, True), (field, typed)


async def test_an_auditor_sees_staff_and_changes_nobody(signed_in, page_of):
    auditor = await signed_in(Role.AUDITOR)
    for path in (PATH, page_of(Role.SUPPORT)):
        page = await auditor.get(path)
        assert page.status == 200
        assert [form.action for form in page.document.forms] == ["/console/sign-out"]


async def test_another_role_ends_sessions_and_is_told(signed_in, page_of):
    admin, support = await signed_in(Role.ADMIN), await signed_in(Role.SUPPORT)
    page = await admin.get(page_of(Role.SUPPORT))
    assert 'value="sales"' in page.text
    assert 'value="support"' not in page.text
    done = await admin.follow(await admin.submit(page, ".*/role", role="sales"))
    assert "Sessions and tokens of before have ended." in done.words
    assert (await support.get("/console/")).location.startswith("/console/sign-in")


async def test_who_is_suspended_is_out_until_let_in_again(signed_in, page_of):
    admin, support = await signed_in(Role.ADMIN), await signed_in(Role.SUPPORT)
    page = await admin.get(page_of(Role.SUPPORT))
    out = await admin.follow(await admin.submit(page, ".*/suspend"))
    assert "This person is out." in out.words
    assert (await support.get("/console/")).status == 303
    back = await admin.follow(await admin.submit(out, ".*/reinstate"))
    assert "may sign in again" in back.words


async def test_a_link_to_a_new_password_needs_an_email(signed_in, page_of, office):
    admin = await signed_in(Role.ADMIN)
    page = await admin.get(page_of(Role.SUPPORT))
    assert "needs an e-mail first" in page.words
    page = await admin.follow(await admin.submit(page, ".*/email", email="agent@example.com"))
    assert "agent@example.com" not in page.text
    sent = await admin.follow(await admin.submit(page, ".*/password-link"))
    assert "The link is on its way." in sent.words
    assert len(await office.fetch("SELECT FROM password_link")) == 1


async def test_a_lost_phones_factor_is_set_up_anew_at_the_next_sign_in(signed_in, page_of, office, people):
    admin = await signed_in(Role.ADMIN)
    done = await admin.submit(await admin.get(page_of(Role.SUPPORT)), ".*/reset-factor")
    assert "Not yet" in (await admin.follow(done)).words


async def test_somebodys_token_is_revoked_and_its_scopes_are_told_in_words(signed_in, page_of, office):
    await office.fetch("UPDATE staff_token SET scopes = '{licenses.see}' WHERE scopes IS NULL")
    admin = await signed_in(Role.ADMIN)
    page = await admin.get(page_of(Role.SUPPORT))
    assert "See licences" in page.words
    done = await admin.follow(await admin.submit(page, ".*/tokens/tok_.*/revoke"))
    assert "The token is revoked." in done.words
    assert not [form for form in done.document.forms if "/tokens/" in form.action]


async def test_nobody_changes_themselves(signed_in, page_of):
    admin = await signed_in(Role.ADMIN)
    page = await admin.get(page_of(Role.ADMIN))
    assert "/console/own" in page.document.links
    assert not [form for form in page.document.forms if form.action.endswith(("/role", "/suspend"))]
    other = await admin.get(page_of(Role.SUPPORT))
    role = other.form(".*/role")
    refused = await admin.post(f"{page_of(Role.ADMIN)}/role", role.fields | {"role": "sales"})
    assert (refused.status, "Nobody does this to themselves." in refused.words) == (403, True)
