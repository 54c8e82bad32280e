"""The mark of the clock in its file, `seen.json`: authenticated, so that it cannot be set back by an editor.

The key of the MAC is a secret of this folder, `seen.key`, mode 0600. Whoever may read that file can write any
mark, and whoever deletes both is left with the signed times, below which the clock never falls: it keeps
honest people honest, and nobody without the server's keys can go back before what the server last signed.
"""

import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from crypto import base64url, strict_json
from crypto.private_files import PRIVATE, create_file, read_private, replace_file

FILE: Final = "seen.json"
KEY_FILE: Final = "seen.key"
_SECRET_BYTES: Final = 32
_PERSON: Final = b"seen-mark"


def load_seen(folder: Path) -> int:
    """Return the mark (seconds since 1970), 0 where there is none or it was not written here."""
    try:
        members = strict_json.loads((folder / FILE).read_bytes())
        secret = _load_secret(folder)
    except (OSError, ValueError):
        return 0
    seen, mac = (members.get("seen"), members.get("mac")) if isinstance(members, dict) else (None, None)
    if type(seen) is not int or not isinstance(mac, str):
        return 0
    return seen if hmac.compare_digest(mac.encode(), _mac(secret, seen).encode()) else 0


def store_seen(folder: Path, seen: int) -> None:
    """Write the mark; a folder that cannot be written to keeps the one it has."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({"seen": seen, "mac": _mac(_own_secret(folder), seen)})
        replace_file(folder / FILE, text + "\n", PRIVATE)


def _own_secret(folder: Path) -> bytes:
    """Return the folder's secret, made anew where there is none or it is no secret any more."""
    try:
        return _load_secret(folder)
    except FileNotFoundError:
        with suppress(FileExistsError):  # another process was first: its secret counts
            create_file(folder / KEY_FILE, _new_secret(), PRIVATE)
    except (OSError, ValueError):
        replace_file(folder / KEY_FILE, _new_secret(), PRIVATE)
    return _load_secret(folder)


def _new_secret() -> str:
    return base64url.encode(secrets.token_bytes(_SECRET_BYTES)) + "\n"


def _load_secret(folder: Path) -> bytes:
    secret = base64url.decode(read_private(folder / KEY_FILE).strip())
    if len(secret) != _SECRET_BYTES:
        raise ValueError("a secret of another length")
    return secret


def _mac(secret: bytes, seen: int) -> str:
    digest = hashlib.blake2b(str(seen).encode("ascii"), digest_size=16, key=secret, person=_PERSON).digest()
    return base64url.encode(digest)
