"""The session's cookie, and what keeps other sites' pages from using it (RFC 6265, RFC 6454).

`__Host-` means to a browser: Secure, for this host alone, for all its paths. Browsers hold http://localhost
trustworthy, so it works there without TLS. Lax keeps it out of other sites' forms; the Origin and the token
that our answers hand out are asked for all the same.
"""

from typing import Final
from urllib.parse import urlsplit

from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.licensing.verdicts import Refusal
from activation.service.identity.session_tokens import is_csrf_of

COOKIE: Final = "__Host-session"
CSRF_HEADER: Final = "X-CSRF-Token"
MOST: Final = 256
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FOREIGN: Final = "This came from another site's page."
_NO_TOKEN: Final = f"Send the header {CSRF_HEADER}, as signing in and GET /v1/self/session told it."


def session_token_of(call: Call) -> str | None:
    """Return the session's token in the request's cookie, or None."""
    return cookie_of(call, COOKIE, MOST)


def cookie_of(call: Call, wanted: str, most: int) -> str | None:
    """Return the first cookie of this name that holds 1 to `most` ASCII characters, or None."""
    for header in call.headers.getall("Cookie", ()):
        for pair in header.split(";"):
            name, _, content = pair.strip().partition("=")
            if name == wanted and 0 < len(content) <= most and content.isascii():
                return content
    return None


def set_cookie(token: str) -> dict[str, str]:
    """Return the header that gives a browser its session; it ends with the browser, or when we say."""
    return {"Set-Cookie": f"{COOKIE}={token}; {_ATTRIBUTES}"}


def clear_cookie() -> dict[str, str]:
    """Return the header that takes the session from a browser."""
    return {"Set-Cookie": f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"}


def refuse_foreign(call: Call, *, named: bool = False) -> None:
    """Refuse another site's page: by Origin or else Referer; `named` when one of the two must be there.

    Raises RefusedError.
    """
    origins = call.headers.getall("Origin", ()) or call.headers.getall("Referer", ())
    if (named and not origins) or not all(_is_own(call, origin) for origin in origins):
        raise refuse(Refusal.FORBIDDEN, _FOREIGN)


def refuse_forged(call: Call, token: str, shown: str | None = None) -> None:
    """Refuse what is sent with a session's cookie but not by our own pages. Raises RefusedError.

    `shown` is the token that a form carries; without it the header counts.
    """
    refuse_foreign(call, named=True)
    if not is_csrf_of(token, call.headers.get(CSRF_HEADER, "") if shown is None else shown):
        raise refuse(Refusal.FORBIDDEN, _NO_TOKEN)


def _is_own(call: Call, origin: str) -> bool:
    """Tell whether an origin is the host that was called, or the one that people reach us at."""
    try:
        parts = urlsplit(origin)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    except ValueError:
        return False
    own = {call.headers.get("Host", "").lower(), urlsplit(call.desk.public_url).netloc.lower()}
    return is_safe and parts.netloc != "" and parts.netloc.lower() in own
