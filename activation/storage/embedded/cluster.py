"""Making the data folder: whole or not at all."""

import os
import shutil
from pathlib import Path

from activation.storage.embedded.failure import EmbeddedPostgresError
from activation.storage.embedded.home import Home
from activation.storage.embedded.launching import Launcher

BUILTIN_LOCALES_SINCE = 17

# No superuser, as on a server that somebody else runs: what works here works there, and SQL that was
# smuggled in reads no files. It may make roles (row-level security) and databases (tests).
APPLICATION = """\
CREATE ROLE activation LOGIN CREATEDB CREATEROLE;
GRANT pg_monitor, pg_checkpoint TO activation;
CREATE DATABASE activation OWNER activation;
"""


def ensure_cluster(home: Home, launcher: Launcher, bin_dir: Path, version: int, keep: int) -> None:
    """Make the data folder when there is none; `keep` is the lock that the programs hold meanwhile.

    Raises EmbeddedPostgresError when that fails, or when another version has made the one that is there.
    """
    if home.data.exists():
        _check_version(home.data, version)
        return
    if home.partial.exists():
        shutil.rmtree(home.partial)
    launcher.run([str(bin_dir / "initdb"), "-D", str(home.partial), *_initdb_options(version)], keep=(keep,))
    single = [str(bin_dir / "postgres"), "--single", "-D", str(home.partial), "-c", "exit_on_error=on"]
    launcher.run([*single, "postgres"], APPLICATION, keep=(keep,))
    home.partial.rename(home.data)
    _sync_folder(home.folder)


def _initdb_options(version: int) -> list[str]:
    options = [
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        # The socket's folder admits only the server's user and root; over the network comes nobody, even
        # if someone starts this data folder by hand with other settings.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]
    if version >= BUILTIN_LOCALES_SINCE:
        # Knows upper and lower case beyond ASCII, and sorts alike on every machine and after every update.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _check_version(data: Path, version: int) -> None:
    made_by = (data / "PG_VERSION").read_text("ascii").strip()
    if made_by != str(version):
        raise EmbeddedPostgresError(
            f"{data} was made by PostgreSQL {made_by}, but this is PostgreSQL {version}. Bring it over with"
            " pg_upgrade or pg_dump, or choose another ACTIVATION_DATA_DIR."
        )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
