"""The device's key: made at the first activation, kept in `device.key`, proved at every renewal (D6).

`proof.json` holds how far the key has counted and the proof that is on its way. It is written before the
proof is sent, and the same proof is sent again until it was answered: whatever crashes when, this device
never shows two proofs of one number, as two copies of it would.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from crypto.errors import CertificateError
from crypto.private_files import PRIVATE, replace_file
from crypto.proofs import make_proof, verify_proof
from crypto.signing import SigningKey, load_signing_key, save_signing_key

KEY_FILE: Final = "device.key"
PROOF_FILE: Final = "proof.json"


class DamagedKeyError(Exception):
    """The device's key or its counter cannot be read; the text says what to do."""


class _Counted(Struct, omit_defaults=True):
    """How far the key has counted. `refused`: the server does not believe this key any more."""

    counter: Annotated[int, Meta(ge=0)]
    proof: str | None = None
    refused: bool = False


class DeviceKey:
    """The key of one installation, in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key, self._counted = folder / KEY_FILE, folder / PROOF_FILE

    def enrol(self) -> bytes:
        """Return the public key to activate with (32 bytes): a new one if there is none that is any good.

        The password that comes with it lets the server take it in the place of another.
        """
        try:
            if self._key.exists() and not self._load_counted().refused:
                return self._load().public_key
        except DamagedKeyError:
            pass  # as good as none
        fresh = SigningKey.generate()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self._key, self._counted):
            path.unlink(missing_ok=True)
        save_signing_key(fresh, self._key)
        return fresh.public_key

    def prove(self, certificate: str, now: int) -> str | None:
        """Return the proof to renew this certificate with, None where there is no key; `now` in seconds.

        Raises DamagedKeyError.
        """
        if not self._key.exists():
            return None
        key, counted = self._load(), self._load_counted()
        if counted.proof is not None and _holds(counted.proof, key, certificate):
            return counted.proof
        counter = counted.counter + 1
        proof = make_proof(key, certificate, counter, now)
        self._keep(_Counted(counter, proof, counted.refused))
        return proof

    def note_answer(self, *, refused: bool = False) -> None:
        """Note that the proof was heard; `refused`: and not believed, so that another key is needed."""
        if self._key.exists():
            self._keep(_Counted(self._load_counted().counter, None, refused))

    def _load(self) -> SigningKey:
        try:
            return load_signing_key(self._key)
        except ValueError:
            raise self._damaged(self._key) from None

    def _load_counted(self) -> _Counted:
        try:
            return msgspec.json.decode(self._counted.read_bytes(), type=_Counted)
        except FileNotFoundError:
            return _Counted(0)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._damaged(self._counted) from None

    def _keep(self, counted: _Counted) -> None:
        replace_file(self._counted, msgspec.json.encode(counted).decode("ascii"), PRIVATE)

    def _damaged(self, path: Path) -> DamagedKeyError:
        return DamagedKeyError(f"{path} is damaged: activate again, which makes another key.")


def _holds(proof: str, key: SigningKey, certificate: str) -> bool:
    """Tell whether a proof on its way is for this certificate; after a crash it may be for the one before."""
    try:
        verify_proof(proof, key.public_key, certificate)
    except CertificateError:
        return False
    return True
