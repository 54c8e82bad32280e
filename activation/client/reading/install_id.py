"""Keeps the random name of an installation, for machines without hardware parts of their own.

It is made once. Nothing is ever repaired silently: a new name makes the machine another device, which
costs its owner the week's reset, so that an empty or damaged file is an error that says what to do.
"""

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

FILE_NAME = "install_id"
WAIT_S = 1.0  # for another process between making and filling the file
_PAUSE_S = 0.02
_MAX_BYTES = 256  # more than a name and what an editor adds
_INSTALL_ID = re.compile(r"[0-9a-f]{32}")


class InstallIdError(Exception):
    """The installation's name cannot be read or made; the text says why and what to do."""


def load_or_create_install_id(folder: Path) -> str:
    """Return the installation's name, made at the first call; processes starting together agree on one."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        return _load(path)
    except OSError as error:
        raise InstallIdError(f"{path} cannot be read or written: {type(error).__name__}") from error


def _create(path: Path) -> None:
    draft = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    content = f"{secrets.token_hex(16)}\n".encode()
    _write_new(draft, content)
    try:
        # The name appears with its content in one step, also when the machine loses power.
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first: its name counts
    except OSError:
        _create_without_link(path, content)  # FAT and some shared folders know no links
    finally:
        draft.unlink(missing_ok=True)


def _create_without_link(path: Path, content: bytes) -> None:
    with suppress(FileExistsError):  # another process was first: its name counts
        _write_new(path, content)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _load(path: Path) -> str:
    deadline = time.monotonic() + WAIT_S
    while not (content := _read(path)).endswith(b"\n") and time.monotonic() < deadline:
        time.sleep(_PAUSE_S)
    text = content.decode("ascii", errors="replace").strip()
    if _INSTALL_ID.fullmatch(text):
        return text
    state = "damaged" if text else "empty"
    raise InstallIdError(
        f"{path} is {state}: put it back from a backup, or delete it, which makes this machine another device"
    )


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)
