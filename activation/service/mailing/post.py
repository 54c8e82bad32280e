"""Which SMTP server takes our mails, and as whom we write: read from the settings."""

import re
from dataclasses import field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from activation.licensing.values import value

_PORTS: Final = {"smtp": 587, "smtps": 465}
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SENDER: Final = re.compile(r"(?:[^<>\r\n]* <)?([^<>@\s,]+@[^<>@\s,]+)>?")
_FORM: Final = "smtp://USER:PASSWORD@HOST:PORT (STARTTLS) or smtps://USER:PASSWORD@HOST:PORT (TLS)"


@value
class Post:
    """The way to the SMTP server.

    `start_tls` True: the connection must turn to TLS before anything is said; None: if the server offers it.
    """

    host: str
    port: int
    tls: bool
    start_tls: bool | None
    user: str | None
    password: str | None = field(repr=False)
    sender: str

    @property
    def domain(self) -> str:
        """Return the domain that we write from."""
        return self.sender.rpartition("@")[2].rstrip(">")


def read_post(url: str, sender: str) -> Post:
    """Return the post that a URL and a From line name. Raises ValueError saying what is wrong with them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"this is no URL of the form {_FORM}") from None
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in _PORTS or not parts.hostname or options.keys() - {"tls"}:
        raise ValueError(f"write it as {_FORM}")
    if not _SENDER.fullmatch(sender):
        raise ValueError("mail_from must be an address: mail@example.com or Licences <mail@example.com>")
    start_tls = _start_tls(parts.scheme, parts.hostname, options.get("tls"), parts.username is not None)
    return Post(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme == "smtps",
        start_tls,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        sender,
    )


def _start_tls(scheme: str, host: str, asked: str | None, has_password: bool) -> bool | None:
    if asked not in (None, "never"):
        raise ValueError("tls takes one value: tls=never, for a relay on a network of your own")
    if asked == "never" and has_password and host not in _LOCAL:
        raise ValueError("a password would cross the network in the clear: leave out tls=never")
    if scheme == "smtps" or asked == "never":
        return False
    return None if host in _LOCAL else True
