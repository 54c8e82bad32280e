"""Accounts made by `activation licenses seed`: their logins and passwords, computed from the run's secret."""

from base64 import b32encode
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

_PASSWORD_BYTES: Final = 15


@dataclass(frozen=True, slots=True)
class Seeded:
    """One run of the seed. Accounts are numbered from 0; activation/cli/seed.py says how they are named."""

    run: str
    secret: str = field(repr=False)
    product: str
    major: int
    accounts: int
    seats_each: int

    @property
    def version(self) -> str:
        """Return a version of the product that the licences cover."""
        return f"{self.major}.6.4"

    def login(self, number: int) -> str:
        """Return the login of account `number`."""
        return f"load-{self.run}-{number:07d}"

    def password(self, number: int) -> str:
        """Return the password of account `number`."""
        key = bytes.fromhex(self.secret)
        digest = blake2b(number.to_bytes(8, "big"), digest_size=_PASSWORD_BYTES, key=key).digest()
        return b32encode(digest).decode("ascii").lower()


def load_seeded(path: Path) -> Seeded:
    """Read what the seed wrote with `--out`."""
    return msgspec.json.decode(path.read_bytes(), type=Seeded)
