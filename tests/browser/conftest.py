"""Real pages in a real browser: Debian's Chromium, without a screen, on the whole application.

* `open_as`: opens the console as somebody of a role, `None` for nobody; gives a `Tab`
* a `Tab` fails its test on an error in the page's console, on what the policy kept from running, and on every
  violation that axe finds: in each page that it is led to by `goto`, and wherever a test calls `check`
"""

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "http"), str(ROOT / "console")]

from sample_people import gather_people, open_session  # noqa: E402

from activation.app import surroundings_of  # noqa: E402
from activation.console.routes import CONSOLE_ENDPOINTS  # noqa: E402
from activation.http.cookies import COOKIE  # noqa: E402
from activation.http.routes import make_application  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for found in map(shutil.which, NAMES) if found), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
AXE = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
PHONE = {"width": 390, "height": 844}
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const all = [...document.body.querySelectorAll("*")];
  const out = all.filter((one) => one.getBoundingClientRect().right > width + 1);
  return out.slice(0, 8).map((one) => one.outerHTML.slice(0, 90));
}"""


def pytest_report_header():
    return None if CHROMIUM else "NOT TESTED: the console in a browser (apt-get install chromium)"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """One Chromium for all tests; each has a profile of its own in it."""
    if CHROMIUM is None:
        pytest.skip("NOT TESTED in a browser: there is no Chromium on PATH (apt-get install chromium)")
    profile = tmp_path_factory.mktemp("chromium")
    command = [CHROMIUM, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    told, deadline = profile / "DevToolsActivePort", time.monotonic() + 30
    while not told.exists() or not told.read_text().strip():
        assert process.poll() is None and time.monotonic() < deadline, "Chromium did not start"  # noqa: PT018
        time.sleep(0.05)
    yield f"http://127.0.0.1:{told.read_text().split()[0]}"
    process.terminate()
    process.wait()


class Tab:
    """A page of the console; `page` is Playwright's."""

    def __init__(self, page, origin):
        self.page, self.origin, self.wrong = page, origin, []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))

    def _hear(self, message):
        # A refusal's own status is told as an error of loading: that is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"{message.type}: {message.text}")

    async def goto(self, path):
        """Go to a page, and check it."""
        await self.page.goto(self.origin + path)
        await self.check()

    async def check(self, only=None):
        """Look at the page as it is now: nothing may be wrong with it. `only` names some of axe's rules."""
        from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415

        rules = {"runOnly": {"type": "rule", "values": only}} if only else {}
        results = await Axe().run(self.page, options=AXE | rules)
        for violation in results.response["violations"]:
            targets = [node["target"] for node in violation["nodes"]]
            self.wrong.append(f"axe {violation['id']}: {violation['help']} {targets}")
        wider = await self.page.evaluate(WIDER)
        if wider:
            self.wrong.append(f"{self.page.url} is wider than its window: {wider}")
        assert self.wrong == [], self.page.url


@pytest.fixture
def pages():
    """The console's pages; a test may put some of its own before them."""
    return CONSOLE_ENDPOINTS


@pytest.fixture
async def site(office, pages):
    """The address of the whole application."""
    surroundings = surroundings_of(office.settings, office.desk)
    application = make_application(office.desk, surroundings, pages)
    async with TestServer(application, host="127.0.0.1") as server:
        yield f"http://localhost:{server.port}"


@pytest.fixture
async def people(office):
    return await gather_people(office, None)


@pytest.fixture
async def open_as(chromium, site, people, office):
    """Return what opens a tab: `await open_as(Role.SUPPORT, dark=True, phone=True, script=False)`.

    With `person_id` it is for somebody else than the one whom `people` has in this role.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415

    tabs = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)

        async def open_tab(role, *, dark=False, phone=False, script=True, person_id=None):
            context = await browser.new_context(
                color_scheme="dark" if dark else "light",
                java_script_enabled=script,
                timezone_id="Europe/Sofia",
                reduced_motion="reduce",  # colours are looked at as they end up, not on the way
                **({"viewport": PHONE, "has_touch": True} if phone else {}),
            )
            if role is not None:
                token = await open_session(office, role, person_id or people.ids[role])
                cookie = {"name": COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True}
                await context.add_cookies([cookie])
            tabs.append(Tab(await context.new_page(), site))
            return tabs[-1]

        yield open_tab
        for tab in tabs:
            await tab.page.context.close()
        await asyncio.wait_for(browser.close(), 10)
    assert [wrong for tab in tabs for wrong in tab.wrong] == []
