"""Key files: written whole or not at all, open to their owner alone."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def create_file(path: Path, text: str, mode: int) -> None:
    """Write a new file of this mode; raises FileExistsError, and changes nothing, where there is one."""
    with _written(path, text, mode) as draft:
        path.hardlink_to(draft)  # fails where the name is taken, unlike a rename
        draft.unlink()
    _sync_folder(path.parent)


def replace_file(path: Path, text: str, mode: int) -> None:
    """Write a file of this mode in the place of whatever was there; a crash leaves the old one or the new.

    Its owner and group stay: root may replace what the server has to read. Raises PermissionError, and
    changes nothing, where the new one cannot be given to the owner.
    """
    with _written(path, text, mode) as draft:
        _keep_owner(path, draft)
        draft.replace(path)
    _sync_folder(path.parent)


def read_private(path: Path) -> str:
    """Return the text of a private file.

    Raises PermissionError when group or others may read or write it (what they may read is no secret, what
    they may write is no key of ours), FileNotFoundError when it is missing.
    """
    with path.open(encoding="ascii") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        if mode & 0o077 and os.name == "posix":
            raise PermissionError(f"{path} has mode {mode:04o}, open to group or others: chmod 600 it")
        return file.read()


def _keep_owner(path: Path, draft: Path) -> None:
    if not hasattr(os, "chown"):  # Windows has owners of another kind, and nobody becomes root there
        return
    try:
        before = path.stat()
    except FileNotFoundError:
        return
    made = draft.stat()
    if (made.st_uid, made.st_gid) == (before.st_uid, before.st_gid):
        return
    try:
        os.chown(draft, before.st_uid, before.st_gid)
    except PermissionError:
        if made.st_uid == before.st_uid:  # only the group is another: neither mode says more of it
            return
        raise PermissionError(f"{path} belongs to user {before.st_uid}: replace it as that user") from None
    draft.chmod(stat.S_IMODE(made.st_mode))  # a change of owner takes some bits away


@contextmanager
def _written(path: Path, text: str, mode: int) -> Iterator[Path]:
    # mkstemp opens with O_EXCL and mode 0600, so that the secret is never readable, not even for a moment.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        yield draft
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    # Without this a power cut may forget the new name. Windows opens no folders and needs none of it.
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
