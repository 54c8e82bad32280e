"""Where the certificate is kept between starts of the softphone: one file, mode 0600, replaced atomically."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

_FILE: Final = "certificate.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a softphone keeps of its activation."""

    server: str
    product: str
    license_id: str
    activation_id: str
    certificate: str
    delegation: str
    renew_after: str


class DamagedCertificateError(Exception):
    """The kept file cannot be read; the text says what to do."""


def usual_folder() -> Path:
    """Return the platform's usual folder for this program's data."""
    return Path(platformdirs.user_data_dir("softphone-activation", appauthor=False))


def keep(folder: Path, kept: Kept) -> Path:
    """Write what is to be kept; return the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, fresh = folder / _FILE, folder / f"{_FILE}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(msgspec.json.encode(asdict(kept)))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def load_kept(folder: Path) -> Kept | None:
    """Return what was kept, or None when there is nothing. Raises DamagedCertificateError."""
    path = folder / _FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DamagedCertificateError(f"{path} is damaged: delete it and activate again.") from None


def forget(folder: Path) -> None:
    """Delete what was kept: a superseded or released certificate is of no more use (R8)."""
    (folder / _FILE).unlink(missing_ok=True)
