"""The pepper: the one secret outside the database from which all keyed digests derive their keys."""

import hashlib
import json
import secrets
from pathlib import Path

from crypto import base64url, strict_json
from crypto.private_files import PRIVATE, create_file, read_private
from crypto.secrecy import Secret

PEPPER_BYTES = 32
_PERSON = b"activation-key"  # at most 16 bytes; no other use of BLAKE2b here shares it


class Pepper(Secret):
    """A secret of 32 bytes with a version; shows its version and nothing else."""

    __slots__ = ("_secret", "version")

    version: int
    """Stored beside what was derived under it, so that a new pepper can be told from the old."""

    def __init__(self, version: int, secret: bytes) -> None:
        """Raise ValueError for a version below 1 or a secret that is not 32 bytes long."""
        if version < 1 or len(secret) != PEPPER_BYTES:
            raise ValueError(f"a pepper has a version from 1 and {PEPPER_BYTES} bytes")
        self.version = version
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """Return the key for one purpose ("devices", "tags", ...), 32 bytes: keyed BLAKE2b (RFC 7693)."""
        return hashlib.blake2b(
            purpose.encode("utf-8"), digest_size=32, key=self._secret, person=_PERSON
        ).digest()

    def _label(self) -> str:
        return f"version {self.version}"


def create_pepper(path: Path, version: int = 1) -> Pepper:
    """Make a pepper from the system's randomness and write it to a new file, mode 0600.

    Raises FileExistsError: without the old pepper every stored digest is worthless.
    """
    secret = secrets.token_bytes(PEPPER_BYTES)
    pepper = Pepper(version, secret)
    text = json.dumps({"version": version, "secret": base64url.encode(secret)})
    create_file(path, text + "\n", PRIVATE)
    return pepper


def load_pepper(path: Path) -> Pepper:
    """Read a pepper's file; raises PermissionError when it is open to others, ValueError when damaged."""
    try:
        return _read_pepper(strict_json.loads(read_private(path).encode("ascii")))
    except ValueError as error:
        raise ValueError(f"{path} is no pepper: {error}") from None


def _read_pepper(members: object) -> Pepper:
    version, secret = (
        (members.get("version"), members.get("secret")) if isinstance(members, dict) else (None, None)
    )
    if type(version) is not int or not isinstance(secret, str):
        raise ValueError("it has a version and a secret")
    return Pepper(version, base64url.decode(secret))
