"""An agent frees a licence: R6 before, R4's reason, R5's bounds and the second person, undone."""

from typing import get_args

import pytest
from sample_console import ConsoleBrowser

from activation.console.licenses.resetting import Reason
from activation.licensing.identifiers import LICENSE, RESET, to_text
from activation.licensing.overriding import Bounds
from activation.licensing.roles import Role
from activation.messages.requests import REASONS
from activation.service.activating.activations import activate

WORDS = {"reason": "device_lost", "note": "Called from her number on file <b>."}


@pytest.fixture
async def used(office):
    """A licence that is on a laptop, moved there from a desktop."""
    made = await office.account()
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    return made, to_text(LICENSE, license_id)


def test_r4_the_forms_reasons_are_the_apis():
    assert get_args(Reason) == REASONS


async def test_r6_figures_stand_before_the_form(signed_in, used):
    browser = await signed_in(Role.SUPPORT)
    page = await browser.get(f"/console/licenses/{used[1]}/reset")
    assert page.status == 200, page.text
    for words in ("the old device's certificate ends by itself", "the laptop", "Free it", "50 of 50 left"):
        assert words in page.words
    assert await _resets(browser) == []


async def _resets(browser):
    return [row[0] for row in await browser.office.fetch("SELECT reset_id FROM override")]
