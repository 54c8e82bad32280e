"""The Standard Webhooks convention: secrets `whsec_…`, and three headers that a receiver verifies.

`webhook-signature` is `v1,` and the base 64 of HMAC-SHA256 over id, timestamp and body with full stops
between, keyed with the secret's bytes (the base 64 after `whsec_`).
"""

import base64
import hmac
import secrets
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
LONGEST_URL: Final = 2000


def new_secret() -> bytes:
    """Return the bytes of a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def show_secret(secret: bytes) -> str:
    """Return a secret as its receiver writes it into a configuration."""
    return PREFIX + base64.b64encode(secret).decode()


def read_secret(text: str) -> bytes:
    """Return the bytes of a secret that somebody else made: 24 to 64 of them. Raises ValueError."""
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(PREFIX) or not 24 <= len(secret) <= 64:
        raise ValueError(f"a secret is {PREFIX} and the base 64 of 24 to 64 bytes")
    return secret


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that a message goes out with."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def why_not(url: str) -> str | None:
    """Return why a webhook may not point there, or None: HTTPS only, but on this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is no URL."
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or not host:
        return "This is no URL."
    if parts.username is not None or parts.fragment:
        return "The URL must name no user and no fragment: messages are signed instead."
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return None
    return "The URL must begin with https:// (http:// only for this very machine)."


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
