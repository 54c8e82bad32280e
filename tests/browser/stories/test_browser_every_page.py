"""Every page there is, as the demo fills it: found by its links, looked at wide, in the dark, and on a phone.

A page that no link leads to fails here: nobody would find it.
"""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

from activation.console.pages import PageRoute
from activation.console.routes import CONSOLE_ROUTES
from activation.licensing.roles import Role

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PAGES = [route.path for route in CONSOLE_ROUTES if isinstance(route, PageRoute)]
FILES = ("/example.csv", "/copy", "/certificates/", "/offline/")
LINKS = "all => all.map((one) => one.getAttribute('href'))"
IN_ORDER = (Role.ADMIN, Role.SALES, Role.SUPPORT, Role.OWNER, Role.END_USER)
BEGIN = ("/console/", "/console/licenses?query=Vault", "/console/traces?query=nina@example.com")
"""Two searches lead to what is rare: a machine without network, and refusals."""


def route_of(path):
    """Return the page that an address belongs to; those whose path says it all come first."""
    fits = [one for one in PAGES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), urlsplit(path).path)]
    return min(fits, key=lambda one: one.count("{"), default=None)


async def test_every_page_is_led_to_and_in_order_wide_dark_and_on_a_phone(open_as):
    seen = set()
    for role in IN_ORDER:
        tab = await open_as(role)
        await visit(tab, BEGIN if role is Role.ADMIN else BEGIN[:1], seen)
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
        if any(one in path for one in FILES):
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
