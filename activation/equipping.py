"""What a server needs before it serves: roots' public keys, a signing key, a pepper."""

import time
from pathlib import Path
from typing import Final

from activation.config import Settings
from activation.licensing.validity import OFFLINE_S
from crypto.ceremony import ROOT_FILES, add_signing_key, create_roots, write_key_folder
from crypto.pepper import create_pepper
from crypto.signing import load_signing_key

SIGNING_DAYS: Final = 400
ONLINE_TTL_S: Final = 31 * 86400
OFFLINE_TTL_S: Final = OFFLINE_S
"""How long an offline certificate with an end may live: a subscription's, an evaluation's."""


class NotEquippedError(Exception):
    """Keys or pepper are missing; the text says what to do."""


def roots_folder_of(settings: Settings) -> Path:
    """Return where the roots' private keys go unless another folder is named."""
    return settings.data_dir / "offline-roots"


def is_equipped(settings: Settings) -> bool:
    """Tell whether keys and pepper are there."""
    return not _missing(settings)


def assert_equipped(settings: Settings) -> None:
    """Refuse to serve without keys and pepper. Raises NotEquippedError."""
    missing = _missing(settings)
    if missing:
        raise NotEquippedError(f"{missing[0]} is missing. Make keys and pepper first: activation keys init")


def equip(settings: Settings, roots_folder: Path) -> None:
    """Make everything that a server needs to sign. Raises FileExistsError, with nothing overwritten."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    roots = create_roots(roots_folder)
    write_key_folder(settings.keys_folder, roots)
    rotate(settings, roots_folder, SIGNING_DAYS)
    rotate(settings, roots_folder, SIGNING_DAYS, offline=True)
    create_pepper(settings.pepper_file)


def rotate(settings: Settings, roots_folder: Path, days: int, *, offline: bool = False) -> str:
    """Make a new signing key under the current root, for online or offline certificates; return its kid."""
    root = load_signing_key(roots_folder / ROOT_FILES[0])
    now = int(time.time())
    longest = OFFLINE_TTL_S if offline else ONLINE_TTL_S
    return add_signing_key(settings.keys_folder, root, now, days, longest, offline=offline).kid


def _missing(settings: Settings) -> list[Path]:
    needed = (settings.keys_folder / "roots.json", settings.pepper_file)
    return [path for path in needed if not path.exists()]
