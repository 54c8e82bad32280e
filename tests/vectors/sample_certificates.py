"""Keys, terms, delegations that vectors and tests share, and a way to sign what no issuer would."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crypto import base64url
from crypto.delegations import issue_delegation
from crypto.issuing import Issuer
from crypto.signing import SigningKey
from crypto.terms import Terms

DAY, HOUR = 86_400, 3_600
BEGIN = 1_760_000_400  # a full hour
PRODUCT = "zoiper-pro"
TAG_KEY = bytes(range(32))

SEEDS = {
    name: bytes([number]) * 32
    for number, name in enumerate(
        ["root_current", "root_next", "root_foreign", "online", "offline", "other"], 1
    )
}
KEYS = {name: SigningKey.from_seed(seed) for name, seed in SEEDS.items()}
ROOTS = [KEYS["root_current"].public_key, KEYS["root_next"].public_key]

ONLINE = issue_delegation(
    KEYS["root_current"], KEYS["online"].public_key, BEGIN - 30 * DAY, BEGIN + 60 * DAY, 30 * DAY, False
).token
OFFLINE = issue_delegation(
    KEYS["root_next"], KEYS["offline"].public_key, BEGIN - 30 * DAY, BEGIN + 60 * DAY, 30 * DAY, True
).token

TERMS = Terms(
    issuer="https://licences.example",
    license_id="lic-3f9a2c",
    activation_id="act-77b0e1",
    product=PRODUCT,
    issued_at=BEGIN,
    expires_at=BEGIN + 30 * DAY,
    renew_after=BEGIN + 7 * DAY,
    kind="perpetual",
    major=5,
    updates_until=BEGIN + 365 * DAY,
    salt=bytes(range(16)),
    policy="standard/1",
    components={"hdd_serial": (b"h" * 16,), "mac": (b"m" * 16, b"n" * 16), "system_uuid": (b"u" * 16,)},
    device_key=KEYS["other"].public_key,
    moves=1,
)
CLAIMS_IN_ORDER = [
    "iss",
    "sub",
    "act",
    "jti",
    "aud",
    "iat",
    "nbf",
    "exp",
    "rnw",
    "lic",
    "dev",
    "cnf",
    "epc",
    "tag",
]
FOREVER = replace(TERMS, expires_at=None)


def issue(terms: Terms = TERMS, key: str = "online") -> str:
    return Issuer(KEYS[key], terms.issuer, TAG_KEY).issue(terms)


def split(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = (base64url.decode(part) for part in token.split("."))
    return json.loads(header), json.loads(payload)


def dump(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def forge(header: object, claims: object, key: str = "online") -> str:
    """Sign whatever is given; the header's kid is not touched."""
    signing_input = f"{base64url.encode(dump(header))}.{base64url.encode(dump(claims))}"
    return f"{signing_input}.{base64url.encode(KEYS[key].sign(signing_input.encode()))}"


def flips(text: str) -> list[str]:
    """Return the text with each of its bits flipped, one at a time."""
    return [
        text[:place] + chr(ord(character) ^ 1 << bit) + text[place + 1 :]
        for place, character in enumerate(text)
        for bit in range(8)
    ]
