"""Where the server's socket is, and the DSN that leads to it."""

import contextlib
import os
import socket
import stat
import struct
import tempfile
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from activation.storage.embedded.failure import EmbeddedPostgresError

PORT = 5432
# The kernel's limit is 107 bytes, 103 on macOS.
SOCKET_PATH_BYTES = 100
# Asks whether the server speaks TLS: the one question that it answers before it wants to know who asks.
SSL_REQUEST = struct.pack("!II", 8, 80877103)
ANSWER_TIMEOUT_S = 5.0


def cluster_name(folder: Path) -> str:
    """Return a short name that belongs to `folder` alone."""
    return "activation-" + blake2b(os.fsencode(folder), digest_size=8).hexdigest()


def choose_socket_folder(folder: Path) -> Path:
    """Return `folder` itself where a socket in it can be addressed, else a short folder for it alone.

    Raises EmbeddedPostgresError when the system's temporary folder is too deep as well.
    """
    for candidate in (folder, Path(tempfile.gettempdir()).resolve() / cluster_name(folder)):
        path = os.fsencode(candidate / f".s.PGSQL.{PORT}")
        # A DSN's host may be a list of hosts: a comma would cut the path in two.
        if len(path) < SOCKET_PATH_BYTES and b"," not in path:
            return candidate
    raise EmbeddedPostgresError(
        f"The path of {folder} is too long for a socket, and so is that of the temporary folder"
        f" {tempfile.gettempdir()}. Choose a shorter ACTIVATION_DATA_DIR or TMPDIR."
    )


def make_socket_folder(path: Path, uid: int, gid: int) -> None:
    """Make the private folder at `path`, open to the server's user `uid` only; no server may be running.

    Raises EmbeddedPostgresError when something of somebody else's is there already.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    # Anybody may make a folder in the temporary folder; only a private one of ours is trusted.
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not private or found.st_uid not in (uid, os.geteuid()):
        raise EmbeddedPostgresError(
            f"{path} is needed for the database's socket, but it is not a private folder of"
            f" user {uid}. Remove it, or choose a shorter ACTIVATION_DATA_DIR."
        )
    os.lchown(path, uid, gid)
    clear_socket(path)


def clear_socket(path: Path) -> None:
    """Remove the socket that a killed server left in its folder, and the socket's lock file.

    PostgreSQL takes any process that has the number in the lock file by now for that server.
    """
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (path / name).unlink(missing_ok=True)


def remove_socket_folder(path: Path) -> None:
    """Remove a folder that was made for a socket, unless something else has come into it."""
    clear_socket(path)
    with contextlib.suppress(OSError):
        path.rmdir()


def answers(socket_folder: Path, port: int) -> bool:
    """Whether a server answers there now; a file that says so may be that of one just killed, or hanging."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            connection.connect(str(socket_folder / f".s.PGSQL.{port}"))
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in {b"N", b"S"}
    except OSError:
        return False


def make_dsn(socket_folder: Path, port: int) -> str:
    """Return the DSN, for libpq and asyncpg alike, of the application's database."""
    host = quote(os.fsencode(socket_folder), safe="")
    return f"postgresql://activation@/activation?host={host}&port={port}"
