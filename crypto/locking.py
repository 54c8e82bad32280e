"""Private keys in files under a passphrase: Argon2id (RFC 9106) makes the key, a SecretBox holds the seed.

The file is one JSON object, mode 0600:

    v      1
    x      the public key, base64url: known without the passphrase
    kdf    {"name": "argon2id", "ops": passes, "memory": bytes, "salt": 16 bytes}
    box    nonce (24 bytes) and the seed (32 bytes) under XSalsa20-Poly1305

The box is checked twice: by its tag, and by the public key that its seed gives.
"""

import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from crypto import base64url, strict_json
from crypto.key_folder import KeyFolderError
from crypto.private_files import PRIVATE, create_file, read_private
from crypto.signing import SigningKey, parse_private_jwk, parse_public_jwk, save_signing_key, seed_of

LEAST_CHARACTERS: Final = 12
_MOST_MEMORY: Final = 2**31
_MOST_PASSES: Final = 64


class PassphraseError(ValueError):
    """The passphrase is too short, or not the one that the file was written under."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over so many bytes of memory (Argon2id)."""

    passes: int = argon2id.OPSLIMIT_MODERATE
    memory: int = argon2id.MEMLIMIT_MODERATE


USUAL_COST: Final = Cost()


def check_passphrase(passphrase: str) -> str:
    """Return it; raises PassphraseError for one of fewer than 12 characters."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise PassphraseError(f"a passphrase has at least {LEAST_CHARACTERS} characters: a few words will do")
    return passphrase


def save_root(key: SigningKey, path: Path, passphrase: str | None, cost: Cost = USUAL_COST) -> None:
    """Write the key to a new file, mode 0600, under the passphrase; without one as a plain private JWK.

    Raises FileExistsError, and PassphraseError for a short one.
    """
    if passphrase is None:
        save_signing_key(key, path)
        return
    salt = os.urandom(argon2id.SALTBYTES)
    box = SecretBox(_derive(check_passphrase(passphrase), salt, cost)).encrypt(seed_of(key))
    kdf = {"name": "argon2id", "ops": cost.passes, "memory": cost.memory, "salt": base64url.encode(salt)}
    members = {"v": 1, "x": base64url.encode(key.public_key), "kdf": kdf, "box": base64url.encode(bytes(box))}
    create_file(path, json.dumps(members, indent=1) + "\n", PRIVATE)


def load_root(path: Path, ask: Callable[[], str]) -> SigningKey:
    """Read a root's file; `ask` is called for the passphrase only where the file is under one.

    Raises PassphraseError for another passphrase than the file's, PermissionError when group or others may
    read it, KeyFolderError when it is damaged.
    """
    try:
        members = strict_json.loads(read_private(path).encode("ascii"))
        if not isinstance(members, dict) or "box" not in members:
            return parse_private_jwk(members)
        return _unlock(members, ask)
    except PassphraseError as wrong:
        raise PassphraseError(f"{path}: {wrong}") from None
    except ValueError as error:
        raise KeyFolderError(f"{path} is no root key: {error}") from None


def read_public_half(path: Path) -> bytes:
    """Return the public key that a root's file names; no passphrase is needed. Raises KeyFolderError."""
    try:
        members = strict_json.loads(read_private(path).encode("ascii"))
        x = members.get("x") if isinstance(members, dict) else None
        return parse_public_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})
    except ValueError as error:
        raise KeyFolderError(f"{path} is no root key: {error}") from None


def _unlock(members: dict[str, object], ask: Callable[[], str]) -> SigningKey:
    public_key, salt, cost = _read_public(members)
    box = _decode(members.get("box"))
    try:
        seed = SecretBox(_derive(ask(), salt, cost)).decrypt(box)
    except CryptoError:
        raise PassphraseError("another passphrase than the one it was written under") from None
    key = SigningKey.from_seed(seed)
    if key.public_key != public_key:
        raise ValueError("it holds another key than it says")
    return key


def _read_public(members: dict[str, object]) -> tuple[bytes, bytes, Cost]:
    kdf = members.get("kdf")
    if members.get("v") != 1 or not isinstance(kdf, dict) or kdf.get("name") != "argon2id":
        raise ValueError("it is of another version, or under another function than argon2id")
    passes, memory, salt = kdf.get("ops"), kdf.get("memory"), _decode(kdf.get("salt"))
    if not isinstance(passes, int) or not isinstance(memory, int) or len(salt) != argon2id.SALTBYTES:
        raise ValueError("ops and memory are numbers, the salt has 16 bytes")
    # A file that somebody put there must not take the machine's memory.
    if not (1 <= passes <= _MOST_PASSES and argon2id.MEMLIMIT_MIN <= memory <= _MOST_MEMORY):
        raise ValueError("ops or memory out of range")
    return _decode(members.get("x")), salt, Cost(passes, memory)


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    # One spelling for what looks the same: keyboards and systems differ in how they compose an accent.
    spelt = unicodedata.normalize("NFC", passphrase).encode()
    return argon2id.kdf(SecretBox.KEY_SIZE, spelt, salt, cost.passes, cost.memory)


def _decode(text: object) -> bytes:
    return base64url.decode(text) if isinstance(text, str) else b""
