"""Which passwords people may choose: long ones, not made of what is tried first (NIST SP 800-63B)."""

import re
from typing import Final

from activation.licensing.verdicts import Refusal, Refused

LEAST: Final = 12
MOST: Final = 128
LEAST_DIFFERENT: Final = 6
_FIRST_TRIED: Final = frozenset(
    {
        *(
            "password",
            "passwort",
            "passw",
            "pass",
            "pwd",
            "secret",
            "geheim",
            "admin",
            "administrator",
            "root",
        ),
        *("qwerty", "qwertz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "qazwsx", "qazwsxedc"),
        *("letmein", "welcome", "willkommen", "iloveyou", "monkey", "dragon", "football", "baseball"),
        *("sunshine", "princess", "superman", "batman", "changeme", "default", "login", "user", "test"),
        *("zoiper", "softphone", "activation", "licence", "license", "abcdefghijkl", "abcdef", "abc"),
    }
)
_ROWS: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_LENGTH: Final = f"A password has {LEAST} to {MOST} characters."
_PLAIN: Final = "Choose a password that is harder to guess: several unusual words, say."
_LOGIN: Final = "A password must not hold the login."


def refuse_chosen(password: str, login: str) -> Refused | None:
    """Refuse a password that is too short, too long, or easy to guess; else return None."""
    if not LEAST <= len(password) <= MOST:
        return _refuse(_LENGTH)
    folded = password.casefold()
    if len(login) >= 3 and login.casefold() in folded:
        return _refuse(_LOGIN)
    return _refuse(_PLAIN) if is_plain(folded) else None


def is_plain(folded: str) -> bool:
    """Tell whether a password in lower case has few letters, is a row of keys, or words tried first."""
    if len(set(folded)) < LEAST_DIFFERENT or any(folded in row or folded[::-1] in row for row in _ROWS):
        return True
    words = re.findall(r"[^\W\d_]+", folded)
    return all(word in _FIRST_TRIED for word in words)


def _refuse(detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "password", detail, facts={"field": "password"})
