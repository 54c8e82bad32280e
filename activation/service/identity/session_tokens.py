"""A session's token: 256 random bits in a cookie, a hash in the database; and what proves a form is ours."""

import base64
import hashlib
from typing import Final

from crypto.passwords import hash_secret, new_token, same_digest

_SESSIONS: Final = "session"


def new_session_token() -> str:
    """Return a new token."""
    return new_token("ses")


def hash_session_token(secret_key: bytes, token: str) -> bytes:
    """Return what is stored of a session's token."""
    return hash_secret(secret_key, _SESSIONS, token)


def csrf_of(secret_key: bytes, token: str) -> str:
    """Return what a page sends beside the cookie: only who was told it by our own answers can know it."""
    digest = hashlib.blake2b(token.encode(), digest_size=24, key=secret_key, person=b"csrf-of-session")
    return base64.urlsafe_b64encode(digest.digest()).decode("ascii")


def is_csrf_of(secret_key: bytes, token: str, shown: str) -> bool:
    """Tell whether `shown` goes with the session's token."""
    return same_digest(csrf_of(secret_key, token).encode(), shown.encode("utf-8", "replace"))
