"""Every page there is, as the demo fills it: found by its links, looked at wide, in the dark, and on a phone.

A page that no link leads to fails here: nobody would find it.
"""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest

from activation.console.open_pages import OpenPage
from activation.console.pages import PageRoute
from activation.console.routes import CONSOLE_ROUTES, OPEN_ROUTES
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.roles import Role

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
OWN = [route.path for route in OPEN_ROUTES if isinstance(route, OpenPage) and "/own" in route.path]
PAGES = [*OWN, *(route.path for route in CONSOLE_ROUTES if isinstance(route, PageRoute))]
FILES = re.compile(r"/example\.csv|/copy/file|/console/mine/data/copy|/offline/\{certificate_id\}")
LINKS = "all => all.map((one) => one.getAttribute('href'))"
IN_ORDER = (Role.ADMIN, Role.SALES, Role.SUPPORT, Role.OWNER, Role.END_USER)
VAULT = "/console/licenses?query=Vault"
"""A machine without network: what is rare."""


def route_of(path):
    """Return the page that an address belongs to; those whose path says it all come first."""
    fits = [one for one in PAGES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), urlsplit(path).path)]
    return min(fits, key=lambda one: one.count("{"), default=None)


@pytest.mark.timeout(600)
async def test_every_page_is_led_to_and_in_order_wide_dark_and_on_a_phone(open_as, people):
    seen = set()
    resellers = [row[0] for row in await people.office.fetch("SELECT reseller_id FROM reseller")]
    rare = [VAULT, *(f"/console/resellers/{to_text(RESELLER, one)}" for one in resellers)]
    rare += [f"/console/traces?query={await people.login_of('nina@example.com')}"]
    for role in IN_ORDER:
        tab = await open_as(role)
        await visit(tab, ["/console/", *(rare if role is Role.ADMIN else ())], seen)
        await tab.page.context.close()
    missing = sorted(set(PAGES) - seen)
    assert missing == [], missing


async def visit(tab, begin, seen):
    """See each page that somebody's links lead to, unless it has been seen."""
    waiting, asked = deque(begin), set()
    while waiting:
        path = waiting.popleft()
        route = route_of(path)
        if route is None or path in asked or (route in seen and path not in begin):
            continue
        asked.add(path)
        seen.add(route)
        if FILES.search(route):
            continue
        await tab.page.set_viewport_size(WIDE)
        await tab.page.emulate_media(color_scheme="light")
        await tab.goto(path)
        assert await tab.page.locator("h1").count() == 1, path
        await tab.page.emulate_media(color_scheme="dark")
        await tab.page.set_viewport_size(PHONE)
        await tab.check(["color-contrast", "target-size"])
        links = await tab.page.eval_on_selector_all("a[href]", LINKS)
        waiting += [urljoin(path, link).partition("#")[0] for link in links]
