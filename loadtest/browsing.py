"""A browser without a screen, as far as measuring pages needs one: cookies, forms, links, and the time."""

import http.client
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pyotp

TIMEOUT_S: Final = 60.0
_NAMED: Final = re.compile(r"/(?:[a-z]{3}_[0-9a-z]{13}|[0-9a-z]{4}-[0-9a-z]{4}|[0-9a-f-]{32,36}|\d+)(?=/|$)")


class BrowsingError(Exception):
    """A page that must be there was not."""


@dataclass(slots=True)
class Form:
    """A form: where it goes, and what it sends as it is."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Document(HTMLParser):
    """A page's links and forms."""

    def __init__(self, text: str) -> None:
        """Read it all."""
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a link leads to, and a form's hidden fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and given.get("type") == "hidden" and self.forms:
            self.forms[-1].fields[given["name"]] = given.get("value", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, after how many milliseconds."""

    path: str
    status: int
    location: str | None
    body: bytes = field(repr=False)
    ms: float

    @property
    def is_page(self) -> bool:
        """Tell whether it is a page that can be seen."""
        return self.status == 200

    def document(self) -> Document:
        """Return its links and forms."""
        return Document(self.body.decode("utf-8", "replace"))


class Browser:
    """One connection that is kept, and one person's cookies."""

    def __init__(self, base_url: str) -> None:
        """Take where the server is."""
        self._origin = base_url.rstrip("/")
        parts = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "localhost", parts.port, timeout=TIMEOUT_S
        )
        self._cookies = {"zone": "Europe%2FSofia"}

    def get(self, path: str) -> Answer:
        """Get a page; where a redirect leads is not gone to."""
        return self._ask("GET", path, None)

    def sign_in(self, person: dict[str, Any]) -> None:
        """Sign in by password, and by the second factor of who has one. Raises BrowsingError."""
        answer = self._send("/console/sign-in", login=person["login"], password=person["password"])
        if "totp_secret" in person:
            answer = self._send("/console/second-factor", code=pyotp.TOTP(person["totp_secret"]).now())
        if answer.status != 303 or not self.get("/console/").is_page:
            raise BrowsingError(f"nobody is signed in: {answer.status} {answer.location}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, path: str, **fields: str) -> Answer:
        forms = [form for form in self.get(path).document().forms if form.action == path]
        if not forms:
            raise BrowsingError(f"there is no form on {path}")
        return self._ask("POST", path, urlencode(forms[0].fields | fields).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Origin": self._origin, "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        reply = self._connection.getresponse()
        content = reply.read()
        ms = (time.perf_counter() - began) * 1000
        for told in reply.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(told).items():
                self._cookies[name] = morsel.value
        return Answer(path, reply.status, reply.headers.get("Location"), content, ms)


def shape_of(path: str) -> str:
    """Return what kind of page an address is: ids and what is asked for are left out.

    >>> shape_of("/console/licenses/lic_0c5n8v2k7qhwm/reset?before=12")
    '/console/licenses/{}/reset?before'
    """
    parts = urlsplit(path)
    names = "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair}))
    return _NAMED.sub("/{}", parts.path) + (f"?{names}" if names else "")
