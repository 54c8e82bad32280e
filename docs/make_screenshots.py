"""Takes pictures of the console's pages into docs/console/: `make screenshots`.

It serves the demo's data from a folder that goes away, and signs in as people do. Which pages:
docs/console/pages.toml. Needs Chromium on PATH. With names behind it, of these pages alone.
"""

import json
import re
import shutil
import sys
import time
import tomllib
import urllib.request
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

import pyotp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from loadtest.demonstration import Demo, run_demo

FOLDER: Final = Path(__file__).with_name("console")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--force-color-profile=srgb",
]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LONGEST: Final = 3600
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "": {"viewport": WIDE, "color_scheme": "light"},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "device_scale_factor": 2, "has_touch": True},
}


class Photographer:
    """Signs each of the demo's people in once, and takes their pages' pictures."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self.browser, self.demo = browser, demo
        self.cookies: dict[str, Any] = {}

    def take(self, page: dict[str, Any]) -> list[str]:
        """Take a page in all its looks; return the files' names."""
        made = []
        for look in ("", *page.get("also", ())):
            context = self._context(page.get("who"), look)
            opened = context.new_page()
            self._go(opened, page)
            file = f"{page['name']}{'-' if look else ''}{look}.png"
            opened.evaluate("scrollTo(0, 0)")  # what stays at the top would stand in the middle
            _keep(opened.screenshot(full_page=True, animations="disabled"), FOLDER / file)
            context.close()
            made.append(file)
        return made

    def _context(self, who: str | None, look: str) -> BrowserContext:
        options = {"base_url": self.demo.base_url, "timezone_id": "Europe/Sofia", "locale": "en-GB"}
        context = self.browser.new_context(**options, **LOOKS[look])
        context.add_cookies(
            [{"name": "zone", "value": "Europe%2FSofia", "url": f"{self.demo.base_url}/console/"}]
        )
        if who is not None:
            if who not in self.cookies:
                self.cookies[who] = self._sign_in(context, self.demo.person(who))
            context.add_cookies(self.cookies[who])
        return context

    @staticmethod
    def _sign_in(context: BrowserContext, person: dict[str, Any]) -> Any:
        page = context.new_page()
        page.goto("/console/sign-in")
        page.fill("#f-login", person["login"])
        page.fill("#f-password", person["password"])
        page.click("main button.primary")
        if person.get("totp_secret"):
            page.fill("#f-code", pyotp.TOTP(person["totp_secret"]).now())
            page.click("main button.primary")
        page.wait_for_url("**/console/")
        page.close()
        return [one for one in context.cookies() if one["name"] == "__Host-session"]

    def _go(self, opened: Page, page: dict[str, Any]) -> None:
        opened.goto(re.sub(r"\{([\w.]+)\}", lambda found: self._find(found[1]), page["path"]))
        for step in page.get("steps", ()):
            verb, _, rest = step.partition(" ")
            if verb == "fill":
                selector, _, text = rest.partition(" = ")
                opened.fill(selector, re.sub(r"\{([\w.]+)\}", lambda found: self._find(found[1]), text))
                opened.wait_for_timeout(500)  # a search answers as one types
            elif verb == "select":
                selector, _, option = rest.partition(" = ")
                opened.select_option(selector, option)
            else:
                opened.click(rest)
                opened.wait_for_load_state()

    def _find(self, path: str) -> str:
        found: Any = self.demo.told
        for part in path.split("."):
            found = found[int(part)] if part.isdigit() else found[part]
        return str(found)


def refuse_one(demo: Demo) -> dict[str, Any]:
    """Have the end user activate on a laptop and be refused on another; return that refusal."""
    person = demo.person("end_user")
    shown = b64encode(f"{person['login']}:{person['password']}".encode()).decode()
    told: dict[str, Any] = {}
    for number, name in enumerate(("Elena's old laptop", "Elena's new laptop")):
        parts = {"hdd_serial": f"S4X9NF0M7{number}1183", "mac": [f"3c:52:82:11:4f:0{number}"]}
        device = {"platform": "linux", "name": name, "components": parts}
        body = json.dumps({"product": "zoiper", "version": "5.6.4", "device": device}).encode()
        headers = {"Authorization": f"Basic {shown}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{demo.base_url}/v1/activations", body, headers)  # noqa: S310
        try:
            urllib.request.urlopen(request).close()  # noqa: S310  (our own server)
        except HTTPError as refused:
            told = json.load(refused)
    time.sleep(2)  # traces are written beside the requests
    return told


def _keep(taken: bytes, path: Path) -> None:
    """Write a picture of few colours: a third of the bytes. Of a very long page, the beginning."""
    picture = Image.open(BytesIO(taken)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, LONGEST)))
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Take all pictures, or those that are named."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is needed: apt-get install chromium")
    pages = tomllib.loads((FOLDER / "pages.toml").read_text(encoding="utf-8"))["page"]
    wanted = sys.argv[1:]
    with run_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        demo.told["refused"] = refuse_one(demo)
        photographer = Photographer(browser, demo)
        for page in pages:
            if not wanted or page["name"] in wanted:
                print(*photographer.take(page))
        browser.close()


if __name__ == "__main__":
    main()
