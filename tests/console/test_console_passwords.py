"""A forgotten password on the console's pages."""

import pytest


@pytest.mark.parametrize("known", [True, False])
async def test_asking_for_a_link_tells_nobody_who_is_known(console, office, known):
    login = (await office.staff("support")).login if known else "nobody@example.com"
    page = await console.submit(
        await console.get("/console/forgotten"), "/console/forgotten", login_or_email=login
    )
    assert page.status == 200
    assert "If somebody has this login or e-mail, a mail is on its way." in page.words


async def test_a_link_that_is_none_is_refused_and_the_password_not_shown_again(console):
    page = await console.get("/console/password")
    refused = await console.submit(page, "/console/password", link="lnk_x", password="a long new password")
    assert refused.status == 404
    fields = refused.form("/console/password").fields
    assert (fields["link"], fields["password"]) == ("lnk_x", "")
    assert "a long new password" not in refused.text
