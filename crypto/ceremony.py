"""Making keys: the roots, kept offline, and the signing keys that they delegate.

`create_roots` and `add_signing_key` run where the roots' files are; a running server reads only the key
folder and never needs them.
"""

from collections.abc import Sequence
from pathlib import Path

from crypto.delegations import Delegation, issue_delegation
from crypto.key_folder import (
    LEAKED,
    ROTATED,
    read_retired,
    read_roots,
    write_delegation,
    write_retired,
    write_roots,
    write_signing_key,
)
from crypto.signing import SigningKey, save_signing_key

DAY_S = 86_400
HEAD_START_S = 2 * 3600
"""How much before now a delegation begins: `iat` is cut to the hour, and clocks differ."""

ROOT_FILES = ("root-current.key", "root-next.key")


class CeremonyError(ValueError):
    """What was asked of the keys cannot be; the text says why."""


def create_roots(folder: Path) -> tuple[bytes, bytes]:
    """Make the current and the next root in `folder`, files of mode 0600, and return their public keys.

    Raises FileExistsError, with nothing overwritten: a lost root is the end of all its clients.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    current, following = SigningKey.generate(), SigningKey.generate()
    for key, name in zip((current, following), ROOT_FILES, strict=True):
        save_signing_key(key, folder / name)
    return current.public_key, following.public_key


def write_key_folder(keys_folder: Path, roots: Sequence[bytes]) -> None:
    """Make a server's key folder for these roots (public keys: current, next), or name the roots anew."""
    for name in ("delegations", "signing"):
        (keys_folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    write_roots(keys_folder, roots)


def add_signing_key(
    keys_folder: Path, root_key: SigningKey, now: int, days: int, max_ttl_s: int, offline: bool
) -> Delegation:
    """Make a signing key, delegate it from two hours before `now` to `days` after, and write both files.

    `max_ttl_s` bounds the life of its certificates; `offline` lets them live for ever. Raises CeremonyError
    for a root that the key folder does not name: no client would follow it.
    """
    if root_key.public_key not in read_roots(keys_folder):
        raise CeremonyError("the key folder's roots.json does not name this root")
    key = SigningKey.generate()
    delegation = issue_delegation(
        root_key, key.public_key, now - HEAD_START_S, now + days * DAY_S, max_ttl_s, offline
    )
    # In this order, a server that reads the folder in between sees a key that it may not use yet.
    write_signing_key(keys_folder, key)
    write_delegation(keys_folder, delegation)
    return delegation


def retire_signing_key(keys_folder: Path, kid: str, reason: str) -> None:
    """Record that a key signs no more ("rotated") or is no longer believed ("leaked").

    Raises CeremonyError for another reason, a key without a delegation here, or one that is leaked already.
    """
    if reason not in (LEAKED, ROTATED):
        raise CeremonyError(f"a reason is {LEAKED} or {ROTATED}")
    if not (keys_folder / "delegations" / f"{kid}.jws").exists():
        raise CeremonyError(f"no delegation of key {kid} here")
    retired = read_retired(keys_folder)
    if retired.get(kid) == LEAKED:
        raise CeremonyError(f"key {kid} is retired as leaked, which is final")
    write_retired(keys_folder, retired | {kid: reason})
