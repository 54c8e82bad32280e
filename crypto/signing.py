"""Ed25519 keys (RFC 8032): signing, verifying, their names (RFC 7638) and their files (RFC 8037)."""

import hashlib
import json
import os
from pathlib import Path
from typing import Protocol, Self

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from crypto import base64url, strict_json
from crypto.private_files import PRIVATE, create_file, read_private
from crypto.secrecy import Secret

KEY_BYTES = 32
SIGNATURE_BYTES = 64


class Signer(Protocol):
    """What signs: a key in memory (`SigningKey`), or one that never leaves its device (an HSM)."""

    @property
    def kid(self) -> str:
        """The public key's thumbprint, 43 characters."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of `message`, 64 bytes (RFC 8032)."""


class SigningKey(Secret):
    """An Ed25519 key pair; shows its `kid` and nothing else."""

    __slots__ = ("_secret", "kid", "public_key")

    public_key: bytes
    """32 bytes."""
    kid: str
    """The public key's thumbprint, 43 characters."""

    def __init__(self, public_key: bytes, secret: bytes) -> None:
        self.public_key = public_key
        self.kid = thumbprint(public_key)
        self._secret = secret

    @classmethod
    def generate(cls) -> Self:
        """Return a new key from the system's randomness."""
        return cls.from_seed(os.urandom(KEY_BYTES))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Return the key of a 32 byte seed (RFC 8032's private key); raises ValueError for other lengths."""
        if len(seed) != KEY_BYTES:
            raise ValueError(f"an Ed25519 seed has {KEY_BYTES} bytes")
        return cls(*crypto_sign_seed_keypair(seed))

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes; raises TypeError for anything but bytes."""
        # The binding would refuse it too, from a frame whose locals hold the key.
        if not isinstance(message, bytes):
            raise TypeError("only bytes are signed")
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]

    def _label(self) -> str:
        return self.kid


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is this key's for `message`; wrong lengths are simply false.

    libsodium also refuses public keys of small order and signatures that are not reduced (RFC 8032 5.1.7).
    """
    if len(public_key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True


def public_jwk(public_key: bytes) -> dict[str, str]:
    """Return the key as a JWK with its required members only (RFC 8037 section 2)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(public_key)}


def thumbprint(public_key: bytes) -> str:
    """Return the key's JWK thumbprint: base64url of SHA-256 (RFC 7638, RFC 8037 appendix A.3)."""
    # Members in lexical order, no white space: spelt out, that is the canonical form.
    jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url.encode(public_key)}"}}'
    return base64url.encode(hashlib.sha256(jwk.encode("ascii")).digest())


def parse_public_jwk(jwk: object) -> bytes:
    """Return the 32 bytes of an Ed25519 JWK; members beside kty, crv, x are ignored. Raises ValueError."""
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise ValueError("not an Ed25519 JWK")
    x = jwk.get("x")
    public_key = base64url.decode(x) if isinstance(x, str) else b""
    if len(public_key) != KEY_BYTES:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return public_key


def save_signing_key(key: SigningKey, path: Path) -> None:
    """Write the key as a private JWK (RFC 8037 appendix A.1), mode 0600; raises FileExistsError."""
    seed = base64url.encode(seed_of(key))
    create_file(path, json.dumps(public_jwk(key.public_key) | {"d": seed}) + "\n", PRIVATE)


def seed_of(key: SigningKey) -> bytes:
    """Return the private half, 32 bytes, for those who write it to a file."""
    return key._secret[:KEY_BYTES]


def load_signing_key(path: Path) -> SigningKey:
    """Read the key file at `path`.

    Raises PermissionError when group or others may read it, ValueError when it is no Ed25519 private JWK or
    its public half belongs to another key.
    """
    try:
        return parse_private_jwk(strict_json.loads(read_private(path).encode("ascii")))
    except ValueError as error:
        raise ValueError(f"{path} is no signing key: {error}") from None


def parse_private_jwk(jwk: object) -> SigningKey:
    """Return the key of a private JWK; raises ValueError for another thing, or halves of different keys."""
    public_key = parse_public_jwk(jwk)
    d = jwk.get("d") if isinstance(jwk, dict) else None
    key = SigningKey.from_seed(base64url.decode(d) if isinstance(d, str) else b"")
    if key.public_key != public_key:
        raise ValueError("it holds two halves of different keys")
    return key
