"""How PostgreSQL's programs are run: as the right user, out of the terminal's reach."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from activation.storage.embedded.failure import EmbeddedPostgresError
from activation.storage.embedded.home import Account

# PG* variables and the like of whoever starts us must not reach the server.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
TOOLS = "/usr/bin:/bin:/usr/sbin:/sbin"
RUN_TIMEOUT_S = 300.0
# Walking into each folder and running the program tells more than any reading of permissions.
PROBE = 'cd "$1" && cd "$2" && exec "$3" --version'


@dataclass(frozen=True, slots=True)
class Launcher:
    """A way to run programs as a given user; without one, as ourselves."""

    account: Account | None = None
    prefix: tuple[str, ...] = ()

    def run(self, command: Sequence[str], stdin: str = "", keep: tuple[int, ...] = ()) -> str:
        """Run a program to its end and return its output; `keep` are descriptors that it inherits.

        Raises EmbeddedPostgresError, with the program's last words, when it fails.
        """
        with self._open(command, subprocess.PIPE, subprocess.PIPE, keep) as process:
            try:
                output, _ = process.communicate(stdin.encode(), RUN_TIMEOUT_S)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise EmbeddedPostgresError(f"{command[0]} does not come to an end.") from error
            except BaseException:
                process.kill()
                raise
        said = output.decode("utf-8", "replace").strip()
        if process.returncode:
            raise EmbeddedPostgresError(f"{command[0]} failed ({process.returncode}):\n{said[-2000:]}")
        return said

    def spawn(self, command: Sequence[str], output: int, keep: tuple[int, ...]) -> "subprocess.Popen[bytes]":
        """Start a program that stays, writing to the descriptor `output`. Raises OSError."""
        return self._open(command, subprocess.DEVNULL, output, keep)

    def _open(
        self, command: Sequence[str], stdin: int, output: int, keep: tuple[int, ...]
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - absolute paths, no shell
            [*self.prefix, *command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            pass_fds=keep,
            # Ctrl-C goes to everything in the terminal's session; the database must outlive its clients.
            start_new_session=True,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )


def choose_launcher(account: Account, bin_dir: Path, folders: tuple[Path, Path]) -> Launcher:
    """Return the plainest way in which `account` can use the programs in `bin_dir` and both `folders`.

    Raises EmbeddedPostgresError when there is none.
    """
    if os.geteuid() != 0:
        return Launcher()
    plain = Launcher(account)
    if _reaches(plain, bin_dir, folders):
        return plain
    setpriv = shutil.which("setpriv", path=TOOLS)
    if setpriv is None:
        raise EmbeddedPostgresError(f"{_refusal(account, bin_dir, folders)} (`setpriv` would help too.)")
    # A folder on the way is closed to the account, /root for one. Nobody's permissions are changed for
    # that: the server may pass through, and read, what root may, but write nothing that is not its own.
    able = Launcher(
        prefix=(
            setpriv,
            f"--reuid={account.uid}",
            f"--regid={account.gid}",
            "--clear-groups",
            "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=-all,+dac_read_search",
        )
    )
    if not _reaches(able, bin_dir, folders):
        raise EmbeddedPostgresError(_refusal(account, bin_dir, folders))
    return able


def _reaches(launcher: Launcher, bin_dir: Path, folders: tuple[Path, Path]) -> bool:
    command = ["/bin/sh", "-c", PROBE, "sh", *map(str, folders), str(bin_dir / "postgres")]
    try:
        launcher.run(command)
    except (EmbeddedPostgresError, OSError):
        return False
    return True


def _refusal(account: Account, bin_dir: Path, folders: tuple[Path, Path]) -> str:
    return (
        f"PostgreSQL does not run as root, and user {account.uid}, as whom it would run, cannot reach"
        f" {folders[0]} or {bin_dir}. Choose an ACTIVATION_DATA_DIR, and a place for the programs, that every"
        " user may pass through (/var/lib, say), run this as an ordinary user, or name a database of your"
        " own in ACTIVATION_DATABASE_URL."
    )
