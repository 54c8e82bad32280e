"""Second factors: time-based codes (RFC 6238), each good once, and recovery codes for a lost phone."""

import secrets as randomness
from collections.abc import Sequence
from typing import Final

import pyotp

from activation.storage.allowances import Limit
from crypto.boxes import BoxError, open_box, seal_box
from crypto.passwords import hash_secret, new_password, same_digest

STEP_S: Final = 30
WINDOW: Final = 1
"""How many steps a phone's clock may be off, either way."""
RECOVERY_CODES: Final = 10
CODES: Final = Limit("codes", 10, 60.0)
"""Six digits can be guessed: unlike passwords, codes are refused unlooked at when somebody tries too many."""
_TOTP_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TOTP_LETTERS: Final = 32


def new_totp_secret() -> str:
    """Return 160 random bits in base 32 (RFC 4648), as RFC 4226 recommends."""
    return "".join(randomness.choice(_TOTP_ALPHABET) for _ in range(_TOTP_LETTERS))


def seal_totp(key: bytes, secret: str) -> bytes:
    """Return a TOTP secret as it is stored."""
    return seal_box(key, secret.encode())


def open_totp(key: bytes, box: bytes) -> str | None:
    """Return the secret in a box, or None for one that was sealed under another key."""
    try:
        return open_box(key, box).decode()
    except BoxError:
        return None


def uri_of(secret: str, login: str, issuer: str) -> str:
    """Return the otpauth URI of a secret, for a QR picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, code: str, now: int, after: int = 0) -> int | None:
    """Return the time step whose code this is, the first later than `after`, or None for a wrong code."""
    totp = pyotp.TOTP(secret)
    current = now // STEP_S
    steps = range(current - WINDOW, current + WINDOW + 1)
    same = [step for step in steps if same_digest(totp.generate_otp(step).encode(), code.encode())]
    return next((step for step in same if step > after), None)


def new_recovery_codes() -> list[str]:
    """Return new codes of 120 bits each, to write down."""
    return [new_password() for _ in range(RECOVERY_CODES)]


def hash_codes(key: bytes, person_id: int, codes: Sequence[str]) -> list[bytes]:
    """Return what is stored of somebody's recovery codes; blanks and case do not matter."""
    return [hash_secret(key, f"recovery-code {person_id}", _plain(code)) for code in codes]


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
