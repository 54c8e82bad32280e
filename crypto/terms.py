"""Terms: what a certificate says, as a value, and how its claims are read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from crypto import base64url
from crypto.errors import InvalidToken
from crypto.signing import parse_public_jwk

DIGEST_BYTES = 16
_DIGEST_CHARACTERS = 22
LARGEST_NUMBER = 2**53 - 1  # what every JSON reader holds exactly (RFC 8259 section 6)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a certificate says: whose licence, on which device, until when. Times in seconds since 1970."""

    issuer: str
    license_id: str
    activation_id: str
    product: str
    issued_at: int
    expires_at: int | None
    """None for offline activations of perpetual licences."""
    renew_after: int
    kind: str
    """perpetual, test, free, subscription or evaluation (L5)."""
    major: int
    """The product's major version that is covered (L6)."""
    updates_until: int | None
    """Builds released later are not covered (L7); None: no such term."""
    salt: bytes
    """The account's, 16 bytes (D5)."""
    policy: str
    """Match policy with its version (D2)."""
    components: Mapping[str, tuple[bytes, ...]]
    """Digests of 16 bytes by component kind; at least one kind, none without a digest."""
    device_key: bytes | None
    """The device's Ed25519 public key, 32 bytes (D6)."""
    moves: int
    """How often the licence has moved, informative."""


def parse_terms(claims: object) -> Terms:
    """Return the terms that `claims` (a decoded payload) state.

    Claims that are not known here are allowed, so that older readers serve newer certificates; a missing
    one, or one of another type, raises InvalidToken. A bool is not a number, a null is not an absence.
    """
    if not isinstance(claims, dict):
        raise InvalidToken("claims are not an object")
    try:
        return _read_terms(claims)
    except InvalidToken:
        raise
    except ValueError as error:
        raise InvalidToken(str(error)) from None


def _read_terms(claims: dict[str, object]) -> Terms:
    _read_text(claims, "jti")
    read_number(claims, "nbf")
    license_: dict[str, object] = _read(claims, "lic", dict)
    device: dict[str, object] = _read(claims, "dev", dict)
    return Terms(
        issuer=_read_text(claims, "iss"),
        license_id=_read_text(claims, "sub"),
        activation_id=_read_text(claims, "act"),
        product=_read_text(claims, "aud"),
        issued_at=read_number(claims, "iat"),
        expires_at=_read_optional_number(claims, "exp"),
        renew_after=read_number(claims, "rnw"),
        kind=_read_text(license_, "kind"),
        major=read_number(license_, "major"),
        updates_until=_read_optional_number(license_, "updates_until"),
        salt=_decode_digest(device.get("salt")),
        policy=_read_text(device, "policy"),
        components=_read_components(device),
        device_key=_read_device_key(claims),
        moves=read_number(claims, "epc"),
    )


def read_number(members: dict[str, object], name: str) -> int:
    """Return the integer from 0 to 2**53 - 1 of this name; raises InvalidToken."""
    number = _read(members, name, int)
    if number is True or number is False or not 0 <= number <= LARGEST_NUMBER:
        raise InvalidToken(f"{name} is not a number from 0 to 2**53 - 1")
    return number


def _read_optional_number(members: dict[str, object], name: str) -> int | None:
    return read_number(members, name) if name in members else None


def _read_text(members: dict[str, object], name: str) -> str:
    text = _read(members, name, str)
    if not text:
        raise InvalidToken(f"{name} is empty")
    return text


def _read(members: dict[str, object], name: str, kind: type[T]) -> T:
    value = members.get(name)
    if not isinstance(value, kind):
        raise InvalidToken(f"{name} is missing or of another type than {kind.__name__}")
    return value


def _read_components(device: dict[str, object]) -> dict[str, tuple[bytes, ...]]:
    components: dict[str, object] = _read(device, "components", dict)
    if not components:
        raise InvalidToken("components are empty")
    return {kind: _decode_digests(texts) for kind, texts in components.items()}


def _decode_digests(texts: object) -> tuple[bytes, ...]:
    if not texts or not isinstance(texts, list):
        raise InvalidToken("a component is a list of at least one digest")
    return tuple([_decode_digest(text) for text in texts])


def _decode_digest(text: object) -> bytes:
    if not isinstance(text, str) or len(text) != _DIGEST_CHARACTERS:
        raise InvalidToken(f"a salt or digest is a string of {DIGEST_BYTES} bytes in base64url")
    return base64url.decode(text)


def _read_device_key(claims: dict[str, object]) -> bytes | None:
    return parse_public_jwk(_read(claims, "cnf", dict).get("jwk")) if "cnf" in claims else None
