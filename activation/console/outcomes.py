"""What a page's function answers with: a page, an address to go on to; and how that is kept.

An Idempotency-Key keeps an answer's bytes (ADR 8). A form's outcome is kept whole, its headers too, so that
a form that was sent twice leads to the same place.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from activation.licensing.verdicts import Refusal, Refused

HOME: Final = "/console/"
MOST_NEXT: Final = 1000


class Page:
    """A page to show: a template, the key of its title, the values that it names.

    `fields` fills forms in that were not sent yet.
    """

    __slots__ = ("status", "template", "title", "title_values", "values")

    def __init__(
        self,
        template: str,
        title: str,
        *,
        status: int = 200,
        title_values: Mapping[str, object] | None = None,
        **values: object,
    ) -> None:
        self.template, self.title, self.status = template, title, status
        self.title_values, self.values = title_values or {}, values


class SeeOther:
    """Go on to an address of the console; there a message is shown once, by the key of its text."""

    __slots__ = ("to", "told", "values")

    def __init__(self, to: str, told: str | None = None, **values: str | int) -> None:
        self.to, self.told, self.values = own_path(to), told, values


class Kept(msgspec.Struct, array_like=True):
    """An outcome as bytes. `kind` is "reply", "see_other", "refused" or "filed"."""

    kind: str
    status: int
    content_type: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""
    to: str = ""
    told: str | None = None
    values: dict[str, str | int] = {}
    code: str = ""
    rule: str = ""
    detail: str = ""
    facts: dict[str, Any] = {}

    def encode(self) -> bytes:
        """Return its bytes."""
        return msgspec.msgpack.encode(self, enc_hook=str)

    @classmethod
    def decode(cls, body: bytes) -> "Kept":
        """Return what was kept."""
        return msgspec.msgpack.decode(body, type=cls)

    def refused(self) -> Refused:
        """Return the refusal that it is."""
        return Refused(Refusal(self.code), self.rule, self.detail, facts=self.facts)


def keep_refused(refused: Refused, status: int, headers: Mapping[str, str], kind: str = "refused") -> Kept:
    """Return a refusal to keep."""
    told = {"Retry-After": headers["Retry-After"]} if "Retry-After" in headers else {}
    return Kept(
        kind,
        status,
        headers=told,
        code=str(refused.code),
        rule=refused.rule,
        detail=refused.detail,
        facts=dict(refused.facts),
    )


def own_path(text: str) -> str:
    """Return an address of the console as it is, and home for any other: nobody is led off the site."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    is_plain = text.isascii() and text.isprintable() and "\\" not in text and " " not in text
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(HOME)
    is_below = ".." not in unquote(parts.path)
    return text if is_plain and is_own and is_below and len(text) <= MOST_NEXT else HOME
