"""Starting, finding again and stopping the server of one folder."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from activation.storage.embedded.binaries import find_binaries, postgres_version
from activation.storage.embedded.cluster import ensure_cluster
from activation.storage.embedded.ending import PAUSE_S, end_all, wait_until_gone
from activation.storage.embedded.failure import EmbeddedPostgresError, log_tail
from activation.storage.embedded.home import Account, Home, choose_account, open_log, prepare
from activation.storage.embedded.launching import choose_launcher
from activation.storage.embedded.locks import FileLock
from activation.storage.embedded.options import merge_settings, server_arguments
from activation.storage.embedded.pidfile import Pidfile, read_pidfile, remove_pidfile
from activation.storage.embedded.processes import Marks, is_one_of, signal_processes
from activation.storage.embedded.sockets import (
    answers,
    choose_socket_folder,
    cluster_name,
    make_dsn,
    make_socket_folder,
    remove_socket_folder,
)

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0


class EmbeddedPostgres:
    """The PostgreSQL server of one folder.

    Whoever starts it first owns it until it stops it or dies; others that start it meanwhile get the
    same DSN as guests, and their stop() leaves it running. A server whose owner died is taken over.
    """

    def __init__(
        self, folder: Path, *, bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._home = Home(folder.resolve())
        self._cluster = cluster_name(self._home.folder)
        self._bin_dir = bin_dir
        self._settings = merge_settings(settings or {})
        self._lock = FileLock(self._home.lock)
        self._alive = FileLock(self._home.alive)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = START_TIMEOUT_S) -> str:
        """Start the server, or find it running, and return a DSN once it takes connections.

        Raises EmbeddedPostgresError when it cannot be started, or not in time; nothing is left running then.
        """
        deadline = time.monotonic() + timeout_s
        try:
            account = prepare(self._home)
            while not self._lock.acquire():
                if dsn := self._find_dsn():
                    return dsn
                self._pause(
                    deadline, f"another process, perhaps in another container, holds {self._home.lock}"
                )
            return self._start_as_owner(account, deadline)
        except OSError as error:
            raise EmbeddedPostgresError(f"The embedded database cannot be started: {error}") from error

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Shut the server down, harder after `timeout_s`, and return when no process of it is left.

        Does nothing while somebody else owns it, or when nothing runs. Raises EmbeddedPostgresError when a
        process stays.
        """
        if not self._home.lock.exists():
            return
        try:
            if self._lock.acquire():
                self._shut_down(timeout_s)
        except OSError as error:
            raise EmbeddedPostgresError(f"The embedded database cannot be stopped: {error}") from error
        finally:
            self._alive.release()
            self._lock.release()

    def is_running(self) -> bool:
        """Whether a server lives in this folder, whoever started it."""
        return self._postmaster() is not None

    def __enter__(self) -> Self:
        """Start the server. Raises what start() raises; start() again gives the DSN."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server. Raises what stop() raises."""
        self.stop()

    def _start_as_owner(self, account: Account, deadline: float) -> str:
        try:
            if dsn := self._take_over(deadline):
                return dsn
            self._process = self._launch(account)
            return self._wait_until_ready(self._process, deadline)
        except BaseException:
            # What went wrong first is what is told, not what went wrong after it.
            with contextlib.suppress(EmbeddedPostgresError):
                if self._process is not None or self.is_running():
                    self.stop()
            self._lock.release()
            raise
        finally:
            self._alive.release()

    def _take_over(self, deadline: float) -> str | None:
        """Return the DSN of a server that is there already, once it answers; None when there is none left."""
        while (found := self._postmaster()) is not None:
            if found.ready and answers(found.socket_folder, found.port):
                return make_dsn(found.socket_folder, found.port)
            if found.ready:
                # It hangs, or was just killed, or its socket was swept away with other temporary files.
                self._shut_down(STOP_TIMEOUT_S)
            else:
                self._pause(deadline, f"it is {found.status}")
        return None

    def _launch(self, account: Account) -> "subprocess.Popen[bytes]":
        """Start a server where none is; whatever a killed one left behind is cleared away first."""
        end_all(self._marks(), self._alive)
        self._reap()
        bin_dir = (self._bin_dir or find_binaries()).resolve()
        version = postgres_version(bin_dir)
        socket_folder = choose_socket_folder(self._home.folder)
        make_socket_folder(socket_folder, account.uid, account.gid)
        launcher = choose_launcher(account, bin_dir, (self._home.folder, socket_folder))
        ensure_cluster(self._home, launcher, bin_dir, version, self._alive.descriptor)
        remove_pidfile(self._home.data)
        arguments = server_arguments(self._settings, self._cluster, socket_folder)
        command = [str(bin_dir / "postgres"), "-D", str(self._home.data), *arguments]
        log = open_log(self._home, account)
        try:
            return launcher.spawn(command, log, (self._alive.descriptor,))
        finally:
            os.close(log)

    def _wait_until_ready(self, process: "subprocess.Popen[bytes]", deadline: float) -> str:
        while process.poll() is None:
            if dsn := self._find_dsn():
                return dsn
            self._pause(deadline, "it is not ready yet")
        raise EmbeddedPostgresError(f"PostgreSQL ended while starting.{log_tail(self._home.log)}")

    def _find_dsn(self) -> str | None:
        found = self._postmaster()
        if found is None or not found.ready or not answers(found.socket_folder, found.port):
            return None
        return make_dsn(found.socket_folder, found.port)

    def _shut_down(self, timeout_s: float) -> None:
        marks = self._marks()
        found = self._postmaster()
        if found is not None:
            # Fast shutdown: sessions are ended, all is written, nothing to recover.
            signal_processes([found.pid], signal.SIGINT)
            wait_until_gone(marks, self._alive, timeout_s)
        end_all(marks, self._alive)
        self._reap()
        if found is not None and found.socket_folder.name == self._cluster:
            remove_socket_folder(found.socket_folder)

    def _postmaster(self) -> Pidfile | None:
        found = read_pidfile(self._home.data)
        return found if found is not None and is_one_of(self._marks(), found.pid) else None

    def _marks(self) -> Marks:
        folders = (self._home.data, self._home.partial)
        return Marks(choose_account(self._home).uid, self._cluster, folders)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _pause(self, deadline: float, why: str) -> None:
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded database did not start in time: {why}.{log_tail(self._home.log)}"
            )
        time.sleep(PAUSE_S)
