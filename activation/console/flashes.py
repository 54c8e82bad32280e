"""A message for the page after the next redirect: sealed in a cookie of a minute, and shown once."""

import hashlib
import json
from typing import Final

from activation.console.saying import say, texts
from activation.http.calls import Call
from activation.http.cookies import cookie_of
from activation.service.desk import Desk
from crypto import base64url
from crypto.boxes import BoxError, open_box, seal_box

COOKIE: Final = "__Host-flash"
KEPT_S: Final = 60
_MOST: Final = 3000
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"


def flash(call: Call, key: str, values: dict[str, str | int], now: int) -> str:
    """Return the Set-Cookie that has a text told on the next page."""
    content = json.dumps([key, values, now]).encode()
    box = base64url.encode(seal_box(_key(call.desk), content))
    return f"{COOKIE}={box}; Max-Age={KEPT_S}; {_ATTRIBUTES}"


def read_flash(call: Call, now: int) -> str:
    """Return the message that waits for this page, or ""."""
    box = cookie_of(call, COOKIE, _MOST)
    if box is None:
        return ""
    try:
        key, values, at = json.loads(open_box(_key(call.desk), base64url.decode(box)))
    except (BoxError, ValueError):
        return ""
    return say(key, **values) if key in texts() and now < at + KEPT_S else ""


def clear_flash(call: Call) -> str | None:
    """Return the Set-Cookie that takes the message away, if there is one."""
    shown = cookie_of(call, COOKIE, _MOST)
    return None if shown is None else f"{COOKIE}=; Max-Age=0; {_ATTRIBUTES}"


def _key(desk: Desk) -> bytes:
    return hashlib.blake2b(digest_size=32, key=desk.secrets.passwords, person=b"console-flash").digest()
