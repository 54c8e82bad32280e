"""A browser without a screen: gets pages of the console, finds forms in them, and sends these."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie

from sample_people import open_session

from activation.console.routes import CONSOLE_ENDPOINTS
from activation.http.cookies import COOKIE


@dataclass
class FoundForm:
    """A form of a page: where it goes, and what it would send as it is."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Document(HTMLParser):
    """What tests look at in a page: its forms, its links, its words."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.links, self.words = [], [], []
        self._form, self._name, self._aside = None, None, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("script", "style", "svg"):
            self._aside += 1
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._form = FoundForm(given.get("action", ""))
            self.forms.append(self._form)
        if self._form is not None:
            self._field(tag, given)

    def _field(self, tag, given):
        fields = self._form.fields
        if tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given and "name" in given:
                fields[given["name"]] = given.get("value", "on")
        elif tag == "input" and given.get("type") != "file" and "name" in given:
            fields[given["name"]] = given.get("value") or ""
        elif tag in ("select", "textarea"):
            self._name = given["name"]
            fields.setdefault(self._name, "")
        elif tag == "option" and "selected" in given:
            fields[self._name] = given.get("value", "")

    def handle_data(self, data):
        in_textarea = self._name is not None and self.get_starttag_text().startswith("<textarea")
        if self._form is not None and in_textarea:
            begins = not self._form.fields[self._name]  # browsers leave out a first line end
            self._form.fields[self._name] += data.removeprefix("\n") if begins else data
        if not self._aside and data.strip():
            self.words.append(" ".join(data.split()))

    def handle_endtag(self, tag):
        if tag in ("script", "style", "svg"):
            self._aside -= 1
        if tag == "form":
            self._form = None
        if tag in ("select", "textarea"):
            self._name = None


@dataclass
class Shown:
    """An answer: its status, headers, text, and the page that it is."""

    status: int
    headers: object
    text: str

    @property
    def location(self):
        return self.headers.get("Location")

    @property
    def document(self):
        return Document(self.text)

    @property
    def words(self):
        """The page's text, without tags."""
        return " ".join(self.document.words)

    def form(self, action):
        """Return the first form with this action, or one that a pattern fits."""
        found = [one for one in self.document.forms if re.fullmatch(action, one.action)]
        assert found, (action, [one.action for one in self.document.forms])
        return found[0]


class ConsoleBrowser:
    """Keeps cookies; asks as browsers do."""

    def __init__(self, client, office):
        self.client, self.office, self.cookies = client, office, {}

    @property
    def origin(self):
        return f"http://{self.client.host}:{self.client.port}"

    async def get(self, path, **headers):
        """Get a page; redirects are not followed."""
        sent = self._headers() | headers
        return await self._keep(await self.client.get(path, headers=sent, allow_redirects=False))

    async def post(self, path, fields, files=None, **headers):
        """Send fields as they are: no hidden ones are added."""
        sent = {"Origin": self.origin} | self._headers() | headers
        sent = {name: text for name, text in sent.items() if text is not None}
        return await self._keep(
            await self.client.post(path, data=fields, headers=sent, allow_redirects=False)
        )

    async def submit(self, page, action, **fields):
        """Send a form found in a page by its action (a pattern), with its hidden fields and these."""
        form = page.form(action)
        return await self.post(form.action, form.fields | fields)

    async def follow(self, shown):
        """Go where a redirect leads."""
        assert shown.status == 303, (shown.status, shown.text[:500])
        return await self.get(shown.location)

    async def sign_in_as(self, role, person_id):
        """Be signed in already, with a second factor shown just now."""
        self.cookies[COOKIE] = await open_session(self.office, role, person_id)
        return self

    def _headers(self):
        told = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return {"Cookie": told} if told else {}

    async def _keep(self, reply):
        for header in reply.headers.getall("Set-Cookie", ()):
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return Shown(reply.status, reply.headers, await reply.text())


def console_pages():
    """Return what `make_application` takes beside the API."""
    return CONSOLE_ENDPOINTS
