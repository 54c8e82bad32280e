"""Ids: a number for the database, a short word for people, both carrying the account's shard.

An id is 63 bits: the shard (8 bits) above a 55-bit number. In text it is a prefix and 13 letters of
Crockford's base 32, which has no I, L, O or U to misread on the phone: `lic_0c5n8v2k7qhwm`.
"""

from hashlib import blake2b
from typing import Final

SHARDS: Final = 256
NUMBER_BITS: Final = 55
NUMBER_MASK: Final = (1 << NUMBER_BITS) - 1
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TEXT_LENGTH: Final = 13
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_PAIRS: Final = [a + b for a in ALPHABET for b in ALPHABET]

LICENSE: Final = "lic_"
ACTIVATION: Final = "act_"
RESET: Final = "rst_"
ACCOUNT: Final = "acc_"
STAFF: Final = "stf_"
MAIL: Final = "mai_"
HOOK: Final = "hok_"
MESSAGE: Final = "msg_"
PLAN: Final = "upd_"
SUBSCRIPTION: Final = "sub_"
RESELLER: Final = "rsl_"
ORDER: Final = "ord_"
PAYMENT: Final = "pay_"
CHARGE: Final = "chg_"
PENALTY: Final = "pen_"
SESSION: Final = "ses_"
TOKEN: Final = "tok_"  # noqa: S105  (a prefix)
REQUEST: Final = "prq_"
CONSENT: Final = "con_"
USER: Final = "usr_"


def make_id(shard: int, number: int) -> int:
    """Return the id of `number` (any size, cut to 55 bits) in `shard` (0-255)."""
    return (shard << NUMBER_BITS) | (number & NUMBER_MASK)


def shard_of(identifier: int) -> int:
    """Return the shard (0-255) that an id carries."""
    return identifier >> NUMBER_BITS


def account_of_login(login: str) -> int:
    """Return the account id that a login names, known before the database is asked.

    Case and outer blanks do not matter. The id is a digest of the login as the account was made with.
    """
    digest = blake2b(login.strip().casefold().encode(), digest_size=8, person=b"account-of-login").digest()
    return int.from_bytes(digest, "big") >> 1


def to_text(prefix: str, identifier: int) -> str:
    """Return the public form of an id, for example `lic_0c5n8v2k7qhwm`."""
    pairs = _PAIRS
    return prefix + "".join(
        (
            ALPHABET[identifier >> 60],
            pairs[identifier >> 50 & 1023],
            pairs[identifier >> 40 & 1023],
            pairs[identifier >> 30 & 1023],
            pairs[identifier >> 20 & 1023],
            pairs[identifier >> 10 & 1023],
            pairs[identifier & 1023],
        )
    )


def from_text(prefix: str, text: str) -> int | None:
    """Return the id behind its public form, or None when the text is not one."""
    if len(text) != len(prefix) + _TEXT_LENGTH or not text.startswith(prefix):
        return None
    identifier = 0
    for letter in text[len(prefix) :]:
        value = _VALUES.get(letter)
        if value is None:
            return None
        identifier = identifier << 5 | value
    return identifier if identifier >> 63 == 0 else None
