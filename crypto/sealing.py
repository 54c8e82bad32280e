"""Sealed boxes: what anybody can close for the server and only the server opens (libsodium crypto_box_seal).

A request file for an offline activation holds a password and travels by mail. It is sealed to the server's
sealing key (X25519), whose public half ships with the softphone beside the roots. The private half lies in
the server's key folder:

    sealing.key     private JWK (RFC 8037), crv X25519, mode 0600
"""

import hashlib
import json
from pathlib import Path
from typing import Self

from nacl.bindings import (
    crypto_box_keypair,
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError

from crypto import base64url, strict_json
from crypto.private_files import PRIVATE, create_file, read_private
from crypto.secrecy import Secret

KEY_BYTES = 32
OVERHEAD_BYTES = 48
"""How much longer a sealed box is than what it holds: a public key and a tag."""
SEALING_FILE = "sealing.key"


class SealError(ValueError):
    """A box that does not open: damaged, cut short, or sealed to another key."""


class SealingKey(Secret):
    """An X25519 key pair that opens sealed boxes; shows its `kid` and nothing else."""

    __slots__ = ("_secret", "kid", "public_key")

    public_key: bytes
    """32 bytes."""
    kid: str
    """The public key's thumbprint, 43 characters."""

    def __init__(self, secret: bytes) -> None:
        """Take the private key, 32 bytes; raises ValueError for another length."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"an X25519 key has {KEY_BYTES} bytes")
        self.public_key = crypto_scalarmult_base(secret)
        self.kid = sealing_jwk(self.public_key)["kid"]
        self._secret = secret

    @classmethod
    def generate(cls) -> Self:
        """Return a new key from the system's randomness."""
        return cls(crypto_box_keypair()[1])

    def open(self, sealed: bytes) -> bytes:
        """Return what the box holds. Raises SealError."""
        if len(sealed) < OVERHEAD_BYTES:
            raise SealError("the box is cut short")
        try:
            return crypto_box_seal_open(sealed, self.public_key, self._secret)
        except CryptoError:
            # Not from the error: its frames hold the key.
            raise SealError("the box does not open: damaged, or sealed to another key") from None

    def _label(self) -> str:
        return self.kid


def seal(public_key: bytes, message: bytes) -> bytes:
    """Return a box that only the owner of the key opens; another one each time.

    Raises ValueError for a key that is not 32 bytes long or is of small order: anybody could open its boxes.
    """
    if len(public_key) != KEY_BYTES:
        raise ValueError(f"an X25519 public key has {KEY_BYTES} bytes")
    try:
        return crypto_box_seal(message, public_key)
    except CryptoError:
        raise ValueError("this is no X25519 public key") from None


def sealing_jwk(public_key: bytes) -> dict[str, str]:
    """Return a sealing key's public half as a JWK (RFC 8037), `kid` its thumbprint (RFC 7638)."""
    x = base64url.encode(public_key)
    canonical = f'{{"crv":"X25519","kty":"OKP","x":"{x}"}}'
    kid = base64url.encode(hashlib.sha256(canonical.encode("ascii")).digest())
    return {"kty": "OKP", "crv": "X25519", "x": x, "kid": kid, "use": "enc"}


def create_sealing_key(keys_folder: Path) -> SealingKey:
    """Make a sealing key in the key folder, mode 0600; raises FileExistsError, with nothing overwritten."""
    key = SealingKey.generate()
    jwk = {"kty": "OKP", "crv": "X25519", "x": base64url.encode(key.public_key)}
    secret = base64url.encode(key._secret)
    create_file(keys_folder / SEALING_FILE, json.dumps(jwk | {"d": secret}) + "\n", PRIVATE)
    return key


def load_sealing_key(keys_folder: Path) -> SealingKey | None:
    """Return the folder's sealing key, None where there is none yet.

    Raises PermissionError when group or others may read it, ValueError when it is no X25519 private JWK or
    its public half belongs to another key.
    """
    path = keys_folder / SEALING_FILE
    try:
        jwk = strict_json.loads(read_private(path).encode("ascii"))
        return _parse(jwk)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"{path} is no sealing key: {error}") from None


def _parse(jwk: object) -> SealingKey:
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "X25519"):
        raise ValueError("not an X25519 JWK")
    x, d = jwk.get("x"), jwk.get("d")
    if not isinstance(x, str) or not isinstance(d, str):
        raise ValueError("it has x and d")
    key = SealingKey(base64url.decode(d))
    if base64url.decode(x) != key.public_key:
        raise ValueError("it holds two halves of different keys")
    return key
