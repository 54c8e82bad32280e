"""Signing in over HTTP: the steps, the cookie, and what a session then may."""

import pytest
from sample_browser import Browser


@pytest.fixture
def browser(client, office):
    return Browser(client, office)


async def test_staff_sign_in_in_two_steps_and_act_by_the_cookie(browser, office):
    made = await office.staff("support")
    status, told = await browser.sign_in(made)
    assert (status, told["stage"]) == (201, "second_factor")
    assert (await browser.get("/v1/staff/licenses?query=nobody"))[0] == 401
    status, told = await browser.show_code(made)
    assert (status, told["stage"], told["role"]) == (200, "signed_in", "support")
    assert (await browser.get("/v1/staff/licenses?query=nobody"))[0] == 200
