"""What the script makes quicker: search as one types, the slash, copies, a tick that enables."""

import pytest
from jinja2 import ChoiceLoader, DictLoader

from activation.console import rendering
from activation.console.outcomes import Page
from activation.console.pages import PageRoute
from activation.console.routes import CONSOLE_ENDPOINTS
from activation.licensing.roles import Act, Role

FOUND = """{% extends "layout.html" %}{% import "parts/forms.html" as forms %}
{% import "parts/shown.html" as shown %}{% block main %}
{{ forms.search("/console/found", "Find", query) }}
<div id="results">{% block fragment %}<p class="found">{{ query }}</p>
{{ shown.copyable("lic_1") }}{% endblock %}</div>
{{ forms.confirm(form_for("/console/found"), "Revoke", "It is final.", "Do it", tick="I know") }}
{% endblock %}"""


async def see(_work, call):
    return Page("found.html", "home.title", query=call.query.get("query", ""))


@pytest.fixture
def pages(monkeypatch):
    loader = ChoiceLoader([DictLoader({"found.html": FOUND}), rendering._TEMPLATES.loader])
    monkeypatch.setattr(rendering._TEMPLATES, "loader", loader)
    route = PageRoute("/console/found", Act.SELF, see)
    return [(route.method, route.path, route.endpoint()), *CONSOLE_ENDPOINTS]


async def test_results_come_as_one_types_and_stand_in_the_address(open_as):
    tab = await open_as(Role.SUPPORT)
    await tab.goto("/console/found")
    await tab.page.keyboard.press("/")
    await tab.page.keyboard.type("laptop", delay=20)
    await tab.page.wait_for_selector(".found:text-is('laptop')")
    assert tab.page.url.endswith("/console/found?query=laptop")
    assert await tab.page.locator(".copy").is_visible()
    await tab.check()
    await tab.page.locator("summary.danger").click()
    button = tab.page.locator(".confirm button.danger")
    assert await button.is_disabled()
    await tab.page.locator("[data-enables]").check()
    assert await button.is_enabled()
    await tab.check()


async def test_search_without_a_script_is_a_form(open_as):
    tab = await open_as(Role.SUPPORT, script=False)
    await tab.page.goto(f"{tab.origin}/console/found")
    await tab.page.fill("#q", "laptop")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/console/found?query=laptop")
    assert await tab.page.locator(".found").inner_text() == "laptop"
