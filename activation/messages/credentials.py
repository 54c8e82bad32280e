"""Credentials in the Authorization header: HTTP Basic (RFC 7617) and bearer tokens (RFC 6750)."""

import binascii
from base64 import b64decode
from dataclasses import field
from typing import Final

from activation.licensing.values import value

MAX_LENGTH: Final = 256


@value
class Basic:
    """A login and a password; the password does not print."""

    login: str
    password: str = field(repr=False)


def parse_basic(header: str | None) -> Basic | None:
    """Return the login and password in the header, or None when there are none to read."""
    if header is None or header[:6].lower() != "basic ":
        return None
    try:
        login, colon, password = b64decode(header[6:].strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    if not colon or not 0 < len(login) <= MAX_LENGTH or len(password) > MAX_LENGTH:
        return None
    return Basic(login, password)


def parse_bearer(header: str | None) -> str | None:
    """Return the token in the header, or None."""
    if header is None or header[:7].lower() != "bearer ":
        return None
    token = header[7:].strip()
    return token if 0 < len(token) <= MAX_LENGTH and token.isascii() else None
