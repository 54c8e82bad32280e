"""The folder of keys that a server reads: which file holds what.

    roots.json              {"roots": [{"x": ..., "use": "current"}, {"x": ..., "use": "next"}]}, public keys
    delegations/<kid>.jws   a root's word for each signing key that ever was, also the retired ones
    signing/<kid>.key       private JWK, mode 0600; only keys that still sign
    retired.json            {"<kid>": "leaked" or "rotated"}; may be missing

The roots' private keys are never here.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from crypto import base64url, strict_json
from crypto.delegations import Delegation, verify_delegation
from crypto.errors import CertificateError
from crypto.private_files import PUBLIC, create_file, replace_file
from crypto.signing import KEY_BYTES, SigningKey, load_signing_key, save_signing_key

LEAKED = "leaked"
"""Nothing under the key is believed any more."""
ROTATED = "rotated"
"""The key signs no more; what it signed stays good."""
ROOT_USES = ("current", "next")


class KeyFolderError(ValueError):
    """A file of the key folder is damaged or does not belong there; the message names it."""


Survey = frozenset[tuple[str, int, int, int]]


def survey(folder: Path) -> Survey:
    """Return what can be seen of the folder's files without reading them: names, inodes, sizes, changes.

    Two that are equal hold the same keys; a few dozen files cost a tenth of a millisecond. Raises OSError
    when the folder cannot be read.
    """
    with_parents = ((folder, ""), (folder / "delegations", "delegations/"), (folder / "signing", "signing/"))
    return frozenset(
        (prefix + entry.name, seen.st_ino, seen.st_size, seen.st_ctime_ns)
        for each, prefix in with_parents
        for entry, seen in _list(each)
    )


def _list(folder: Path) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # A file being written has a name that begins with a full stop until it is whole.
            if not entry.name.startswith(".") and not entry.is_dir():
                with suppress(FileNotFoundError):
                    yield entry, entry.stat()


def read_roots(folder: Path, name: str = "roots.json") -> tuple[bytes, ...]:
    """Return the roots' public keys (32 bytes each), current first; raises KeyFolderError."""
    path = folder / name
    try:
        members = strict_json.loads(path.read_bytes())
        return _parse_roots(members)
    except ValueError as error:
        raise KeyFolderError(f"{path}: {error}") from None


def write_roots(folder: Path, roots: Sequence[bytes]) -> None:
    """Write the public keys of the current root and, if there is one, the next."""
    uses = zip(roots, ROOT_USES, strict=False)
    members = {"roots": [{"x": base64url.encode(root), "use": use} for root, use in uses]}
    replace_file(folder / "roots.json", json.dumps(members, indent=1) + "\n", PUBLIC)


def read_delegations(folder: Path, roots: Sequence[bytes]) -> dict[str, Delegation]:
    """Return the delegations by the signing key's kid, each verified; raises KeyFolderError."""
    paths = sorted((folder / "delegations").glob("*.jws"))
    return {path.stem: _read_delegation(path, roots) for path in paths}


def write_delegation(folder: Path, delegation: Delegation) -> None:
    """Write a new delegation; raises FileExistsError."""
    create_file(folder / "delegations" / f"{delegation.kid}.jws", delegation.token + "\n", PUBLIC)


def read_signing_keys(folder: Path) -> dict[str, SigningKey]:
    """Return the keys that can sign, by kid.

    Raises KeyFolderError, or PermissionError for a file that group or others may read.
    """
    paths = sorted((folder / "signing").glob("*.key"))
    return {path.stem: _read_signing_key(path) for path in paths}


def write_signing_key(folder: Path, key: SigningKey) -> None:
    """Write a new key file, mode 0600; raises FileExistsError."""
    save_signing_key(key, folder / "signing" / f"{key.kid}.key")


def read_retired(folder: Path) -> dict[str, str]:
    """Return why each retired key is retired, by kid; raises KeyFolderError."""
    path = folder / "retired.json"
    if not path.exists():
        return {}
    try:
        members = strict_json.loads(path.read_bytes())
    except ValueError as error:
        raise KeyFolderError(f"{path}: {error}") from None
    if not isinstance(members, dict) or not all(reason in (LEAKED, ROTATED) for reason in members.values()):
        raise KeyFolderError(f"{path}: a reason is {LEAKED} or {ROTATED}")
    return members


def write_retired(folder: Path, retired: Mapping[str, str]) -> None:
    """Write the retired keys, all of them, in the place of the former list."""
    replace_file(folder / "retired.json", json.dumps(dict(retired), indent=1) + "\n", PUBLIC)


def _parse_roots(members: object) -> tuple[bytes, ...]:
    entries = members.get("roots") if isinstance(members, dict) else None
    if not isinstance(entries, list):
        raise ValueError("roots is not a list")
    by_use = dict(map(_parse_root, entries))
    if len(by_use) != len(entries) or "current" not in by_use:
        raise ValueError("there is one current root and at most one next")
    return tuple(by_use[use] for use in ROOT_USES if use in by_use)


def _parse_root(entry: object) -> tuple[str, bytes]:
    use, x = (entry.get("use"), entry.get("x")) if isinstance(entry, dict) else (None, None)
    if use not in ROOT_USES or not isinstance(x, str) or len(base64url.decode(x)) != KEY_BYTES:
        raise ValueError(f"a root has x, {KEY_BYTES} bytes in base64url, and use, current or next")
    return use, base64url.decode(x)


def _read_delegation(path: Path, roots: Sequence[bytes]) -> Delegation:
    try:
        delegation = verify_delegation(path.read_text("ascii").strip(), roots)
    except (CertificateError, UnicodeDecodeError) as error:
        raise KeyFolderError(f"{path}: {error}") from error
    if delegation.kid != path.stem:
        raise KeyFolderError(f"{path} delegates another key, {delegation.kid}")
    return delegation


def _read_signing_key(path: Path) -> SigningKey:
    try:
        key = load_signing_key(path)
    except ValueError as error:
        raise KeyFolderError(str(error)) from None
    if key.kid != path.stem:
        raise KeyFolderError(f"{path} holds another key, {key.kid}")
    return key
