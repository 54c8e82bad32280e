"""A session's token: 256 random bits in a cookie, a hash in the database; and what proves a form is ours."""

import hmac
from typing import Final

from crypto import base64url
from crypto.passwords import hash_secret, new_token, same_digest

_SESSIONS: Final = "session"
_CSRF: Final = b"X-CSRF-Token"


def new_session_token() -> str:
    """Return a new token."""
    return new_token("ses")


def hash_session_token(secret_key: bytes, token: str) -> bytes:
    """Return what is stored of a session's token."""
    return hash_secret(secret_key, _SESSIONS, token)


def csrf_of(token: str) -> str:
    """Return what a page sends beside the cookie: who cannot read our answers, or the token, cannot know it.

    It is a MAC under the token itself (RFC 2104), so that it holds exactly as long as the token does.
    """
    return base64url.encode(hmac.digest(token.encode(), _CSRF, "sha256"))


def is_csrf_of(token: str, shown: str) -> bool:
    """Tell whether `shown` goes with the session's token."""
    return same_digest(csrf_of(token).encode(), shown.encode("utf-8", "replace"))
