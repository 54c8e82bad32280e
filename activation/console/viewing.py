"""Who looks at a page, and what surrounds it: the session's form token, the zone, what was typed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import quote, unquote, urlencode
from zoneinfo import ZoneInfo, available_timezones

from activation.console.wording import Explanation
from activation.http.calls import Call
from activation.http.cookies import cookie_of, session_token_of
from activation.licensing.roles import Act, Role, may
from activation.licensing.values import value
from activation.service.identity.session_tokens import csrf_of

ZONE_COOKIE: Final = "zone"
_MOST_ZONE: Final = 128


@value
class Who:
    """Who is signed in."""

    login: str
    role: Role


@value
class SentAgain:
    """A form that was refused: where it was sent, what was typed, which fields are wrong and why."""

    action: str
    typed: Mapping[str, Sequence[str]] = field(repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Form:
    """A form on a page: its hidden fields, and what was typed when it is shown again."""

    action: str
    csrf: str = field(repr=False)
    once: str
    typed: Mapping[str, Sequence[str]] = field(repr=False)
    errors: Mapping[str, str]

    @property
    def is_again(self) -> bool:
        """Tell whether it was sent and refused."""
        return bool(self.typed or self.errors)

    def value(self, name: str, otherwise: object = "") -> str:
        """Return what was typed into a field, or else what it is to begin with."""
        typed = self.typed.get(name)
        return typed[0] if typed else "" if self.is_again or otherwise is None else str(otherwise)

    def has(self, name: str, option: object, otherwise: object = None) -> bool:
        """Tell whether an option of a field was chosen."""
        if self.is_again:
            return str(option) in self.typed.get(name, ())
        chosen = otherwise if isinstance(otherwise, (list, tuple, set, frozenset)) else [otherwise]
        return str(option) in {str(one) for one in chosen if one is not None}

    def error(self, name: str) -> str:
        """Return what is wrong with a field, or ""."""
        return self.errors.get(name, "")


@dataclass(slots=True)
class View:
    """What surrounds a page."""

    trace_id: str
    path: str
    now: int
    zone: ZoneInfo | None = None
    who: Who | None = None
    csrf: str = field(default="", repr=False)
    told: str = ""
    again: SentAgain | None = None
    explanation: Explanation | None = None
    is_filed: bool = False
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_fragment: bool = False

    @property
    def sees_traces(self) -> bool:
        """Tell whether whoever looks may look refusals up, their own too."""
        return self.who is not None and may(self.who.role, Act.SEE_TRACES)

    def form(self, action: str) -> Form:
        """Return the form that is sent to `action`, filled in if it was just refused."""
        again = self.again if self.again is not None and self.again.action == action else None
        typed, errors = (again.typed, again.errors) if again is not None else ({}, {})
        return Form(action, self.csrf, secrets.token_urlsafe(18), typed, errors)


def view_of(call: Call, now: int, who: Who | None = None, token: str | None = None) -> View:
    """Return what surrounds a page of this call; `token` is the session's if it has a new one."""
    shown = token or session_token_of(call)
    return View(
        call.trace_id,
        path_of(call),
        now,
        zone_of(call),
        who,
        csrf_of(shown) if shown is not None else "",
        query=call.query,
        is_fragment=call.query.get("fragment") == "1",
    )


def path_of(call: Call) -> str:
    """Return the path that was called."""
    return fill(call.route.partition(" ")[2], call.path)


def fill(path: str, names: Mapping[str, str]) -> str:
    """Return a route's path with what was named in it."""
    for name, text in names.items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return path


def address_of(call: Call) -> str:
    """Return the path that was called, and its query."""
    query = urlencode([(name, text) for name, text in call.query.items() if name != "fragment"])
    return f"{path_of(call)}?{query}" if query else path_of(call)


def zone_of(call: Call) -> ZoneInfo | None:
    """Return the viewer's time zone, which the page's script put into a cookie; None without a known one."""
    name = unquote(cookie_of(call, ZONE_COOKIE, _MOST_ZONE) or "")
    return ZoneInfo(name) if name in _zones() else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
