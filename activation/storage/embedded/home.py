"""The database's folder: what lies where, whose it is, and how it is made ready."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from activation.storage.embedded.failure import EmbeddedPostgresError
from activation.storage.embedded.locks import open_private

LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the operating system that the server runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """Names of everything in the folder of one database."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder, there only when it is whole."""
        return self.folder / "data"

    @property
    def partial(self) -> Path:
        """The data folder while it is being made."""
        return self.folder / "data.partial"

    @property
    def lock(self) -> Path:
        """Held by whoever may start and stop the server."""
        return self.folder / "lock"

    @property
    def alive(self) -> Path:
        """Locked by the server's processes themselves, as long as one of them lives."""
        return self.folder / "alive"

    @property
    def log(self) -> Path:
        """What the server says of itself."""
        return self.folder / "postgres.log"


def choose_account(home: Home) -> Account:
    """Return the user that the server of this database runs as: ourselves, unless we are root.

    Raises EmbeddedPostgresError when the folder is somebody else's.
    """
    owner = _find_owner(home)
    if os.geteuid() != 0:
        if owner is not None and owner.uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"{home.folder} belongs to user {owner.uid}, not to user {os.geteuid()} who runs this."
                " Run it as that user, or choose another ACTIVATION_DATA_DIR."
            )
        return Account(os.geteuid(), os.getegid())
    if owner is not None and owner.uid != 0:
        # Whatever was chosen once stays, though a `postgres` be created later or go away.
        return owner
    # Where there is a user made for PostgreSQL, its files are expected to be that user's, and no other
    # service's; `nobody` is everywhere, but what runs as `nobody` may be anything.
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError("PostgreSQL does not run as root, and there is no user `nobody` to run as.")


def prepare(home: Home) -> Account:
    """Make the folder when it is missing, private to the server's user, and return that user.

    Raises EmbeddedPostgresError when it cannot be the database's folder, OSError when it cannot be made.
    """
    if "\n" in str(home.folder):
        raise EmbeddedPostgresError("The path of the database has a line break. Choose another one.")
    account = choose_account(home)
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(home.folder.iterdir()) and not home.lock.exists():
        raise EmbeddedPostgresError(
            f"{home.folder} is not empty and holds no database of ours. Choose another ACTIVATION_DATA_DIR."
        )
    home.folder.chmod(0o700)
    os.lchown(home.folder, account.uid, account.gid)
    for path in (home.lock, home.alive, home.log):
        os.close(_open_owned(path, account))
    if home.data.exists() and home.data.stat().st_uid != account.uid:
        _give(home.data, account)
    return account


def open_log(home: Home, account: Account) -> int:
    """Open the log for the server to write to; one that has grown large makes way, once.

    Raises OSError when that fails.
    """
    if home.log.stat().st_size > LOG_BYTES:
        home.log.replace(home.log.with_suffix(".log.1"))
    return _open_owned(home.log, account)


def _open_owned(path: Path, account: Account) -> int:
    descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
    os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def _find_owner(home: Home) -> Account | None:
    for path in (home.data, home.folder):
        try:
            found = path.stat()
        except OSError:
            continue
        # A data folder that root owns is a copy that root made; its own folder may tell the user.
        if found.st_uid != 0 or path == home.folder:
            return Account(found.st_uid, found.st_gid)
    return None


def _give(data: Path, account: Account) -> None:
    """Make a data folder and all in it the account's; nothing above it is touched."""
    for parent, folders, files in os.walk(data):
        for name in folders + files:
            os.lchown(Path(parent, name), account.uid, account.gid)
    # Last, so that a crash half-way leaves the rest to the next start.
    os.lchown(data, account.uid, account.gid)
