"""Builds the Dockerfile and runs the image beside a PostgreSQL of its own: `make image-test`.

Keys, schema, accounts, serve; a device activates over HTTP and its certificate verifies offline; the
console's door opens; SIGTERM stops it with status 0. Where a Docker engine answers it is used; else buildah,
as root, on a base image that debootstrap makes from the mirror that apt is set up for. Leaves nothing behind.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from activation.storage.embedded.binaries import find_binaries
from crypto import base64url
from loadtest.proving import prove, read_answer
from loadtest.requests import activation_request
from loadtest.seeded import load_seeded

ROOT: Final = Path(__file__).resolve().parents[1]
BASE: Final = "localhost/softphone-base"
IMAGE: Final = "localhost/softphone-activation:test"
BUNDLE: Final = Path("/etc/ssl/certs/ca-certificates.crt")
UID: Final = 900
"""The image's user, as the Dockerfile says."""
KEPT: Final = "/kept"
"""Where the image finds our folder: buildah keeps what an image calls a volume to itself."""
PATIENCE_S: Final = 60.0


class BuildError(Exception):
    """The image was not built or does not work; the text says where it stopped."""


class Docker:
    """Builds and runs with a Docker engine."""

    def build(self) -> None:
        """Make the image."""
        _run(["docker", "build", "--tag", IMAGE, str(ROOT)])

    def command(self, data: Path, settings: dict[str, str], arguments: Sequence[str]) -> list[str]:
        """Return how the image's command is called."""
        given = [f"--env={name}={value}" for name, value in settings.items()]
        return [
            "docker",
            "run",
            "--rm",
            "--network=host",
            f"--volume={data}:/data",
            *given,
            IMAGE,
            *arguments,
        ]


class Buildah:
    """Builds and runs with buildah, without a registry."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._buildah = ["buildah", "--root", str(work / "storage"), "--runroot", str(work / "run")]
        self._buildah += ["--storage-driver", "vfs"]
        self._container = ""

    def build(self) -> None:
        """Make the base image, then ours."""
        for tool in ("buildah", "debootstrap"):
            if shutil.which(tool) is None:
                raise BuildError(f"{tool} is missing: apt-get install {tool}, or have a Docker engine run")
        if os.geteuid():
            raise BuildError("buildah and debootstrap need root here; a Docker engine does not")
        self._make_base()
        build = [*self._buildah, "build", "--isolation", "chroot", "--network", "host", "--pull-never"]
        _run([*build, *_pip_volumes(), "--build-arg", f"BASE={BASE}", "--tag", IMAGE, str(ROOT)])
        self._container = _run([*self._buildah, "from", "--pull-never", IMAGE]).strip()

    def command(self, data: Path, settings: dict[str, str], arguments: Sequence[str]) -> list[str]:
        """Return how the image's command is called."""
        given = [f"--env={name}={value}" for name, value in settings.items()]
        run = [*self._buildah, "run", "--isolation", "chroot", "--network", "host", f"--volume={data}:{KEPT}"]
        return [*run, *given, self._container, "--", "activation", *arguments]

    def _make_base(self) -> None:
        base = self._work / "base"
        release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
        if release is None:
            raise BuildError("this is no Debian; have a Docker engine run")
        packages = "--include=python3,python3-venv,ca-certificates"
        _run(["debootstrap", "--variant=minbase", packages, release[1], str(base), _mirror()])
        # What this machine trusts (a mirror of its own, say), the build must trust too.
        shutil.copy(BUNDLE, base / BUNDLE.relative_to("/"))
        container = _run([*self._buildah, "from", "scratch"]).strip()
        _run([*self._buildah, "add", "--quiet", container, str(base), "/"])
        _run([*self._buildah, "commit", "--quiet", "--rm", container, BASE])
        shutil.rmtree(base)


def main() -> None:
    """Build and try the image; exit with 1 and the reason when something is wrong."""
    with tempfile.TemporaryDirectory(prefix="image-test-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        engine = Docker() if _has_docker() else Buildah(work)
        try:
            _say("Building the image")
            engine.build()
            with _postgres(work) as dsn:
                _try_image(engine, work, dsn)
        except (BuildError, subprocess.CalledProcessError, OSError) as wrong:
            output = getattr(wrong, "output", None) or ""
            sys.exit(f"{output[-3000:]}\nimage-test: {wrong}")
    _say("The image works")


def _try_image(engine: Docker | Buildah, work: Path, dsn: str) -> None:
    data, port = work / "data", _free_port()
    data.mkdir(mode=0o700)
    if not os.geteuid():
        os.chown(data, UID, UID)
    settings = {
        "ACTIVATION_DATABASE_URL": dsn,
        "ACTIVATION_DATA_DIR": KEPT,
        "ACTIVATION_HOST": "127.0.0.1",
        "ACTIVATION_PORT": str(port),
        "ACTIVATION_WORKERS": "2",
    }

    def run(*arguments: str) -> str:
        return _run(engine.command(data, settings, arguments))

    _say("Keys, schema, accounts")
    run("keys", "init", "--no-passphrase")
    run("migrate")
    run(
        "licenses",
        "seed",
        "--product",
        "softphone",
        "--major",
        "5",
        "--accounts",
        "2",
        "--out",
        f"{KEPT}/seeded.json",
    )
    roots = [base64url.decode(root) for root in run("keys", "export").split()]
    _say("Serving")
    server = subprocess.Popen(engine.command(data, settings, ["serve"]), start_new_session=True)
    try:
        _await_ready(f"http://127.0.0.1:{port}/readyz", server)
        if not os.geteuid() and _owner_of(port) != UID:
            raise BuildError(f"the server runs as user {_owner_of(port)}")
        _say("A device activates, and its certificate verifies offline")
        _activate(port, data / "seeded.json", roots)
        for path in ("/healthz", "/docs", "/console/sign-in"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                print(path, answer.status)
    finally:
        _stop(port)
        status = server.wait(PATIENCE_S)
    if status:
        raise BuildError(f"it stopped with status {status}")
    print("stopped with status 0")


def _activate(port: int, seeded_file: Path, roots: Sequence[bytes]) -> None:
    seeded = load_seeded(seeded_file)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(activation_request(seeded, 0).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    terms = prove(read_answer(int(head.split()[1]), body, 201), roots, seeded.product)
    print(f"{terms.license_id} for {terms.product} {terms.major}, until {time.ctime(terms.expires_at)}")


@contextmanager
def _postgres(work: Path) -> Iterator[str]:
    """Run a PostgreSQL on loopback, as nobody where we are root."""
    programs, folder, port = find_binaries(), work / "postgres", _free_port()
    folder.mkdir()
    user = {} if os.geteuid() else {"user": "nobody"}
    if user:
        shutil.chown(folder, "nobody")
    _run([str(programs / "initdb"), "-U", "activation", "--auth=trust", "-D", str(folder / "data")], **user)
    options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    running = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *options], stderr=subprocess.DEVNULL, **user
    )
    try:
        _await(lambda: _is_open(port), "PostgreSQL")
        _run(
            [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "activation", "activation"]
        )
        yield f"postgresql://activation@127.0.0.1:{port}/activation"
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def _await_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    def is_ready() -> bool:
        if server.poll() is not None:
            raise BuildError(f"it does not serve: status {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            return False

    _await(is_ready, "the server")


def _await(is_there: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_there():
        if time.monotonic() > deadline:
            raise BuildError(f"{what} was not there after {PATIENCE_S:.0f} s")
        time.sleep(0.1)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _listeners(port: int) -> Iterator[int]:
    """Yield the processes of the image: those whose environment names our port."""
    wanted = f"ACTIVATION_PORT={port}".encode()
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
        except OSError:
            continue


def _owner_of(port: int) -> int:
    """Return who the server's processes belong to."""
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in _listeners(port)}
    return max(owners, default=0)


def _stop(port: int) -> None:
    """Ask the server itself to stop, as an engine does: SIGTERM to the first of its processes."""
    ours = sorted(pid for pid in _listeners(port) if Path(f"/proc/{pid}").stat().st_uid == UID)
    if ours:
        os.kill(ours[0], 15)


def _has_docker() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def _mirror() -> str:
    for file in (*Path("/etc/apt/sources.list.d").glob("*.sources"), Path("/etc/apt/sources.list")):
        found = re.search(r"^(?:URIs:|deb)\s+(\S+)", file.read_text() if file.exists() else "", re.MULTILINE)
        if found:
            return found[1]
    raise BuildError("apt is set up for no mirror")


def _pip_volumes() -> list[str]:
    """Return what the build must see of this machine for its pip to work as ours does."""
    told = _run([sys.executable, "-m", "pip", "config", "list"])
    named = re.findall(r"(?:file://|(?<=')|(?<==))(/[^\s',]+)", told)
    paths = ["/etc/pip.conf", *named, *os.environ.get("PIP_FIND_LINKS", "").split()]
    there = {path for path in paths if Path(path).exists() and path != str(BUNDLE)}
    return [f"--volume={Path(path).resolve()}:{path}:ro" for path in sorted(there)]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _run(command: Sequence[str], **options: str) -> str:
    """Run a command to its end; return what it printed. Raises CalledProcessError with all of it."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    done.check_returncode()
    return done.stdout


def _say(what: str) -> None:
    print(f"== {what}", flush=True)


if __name__ == "__main__":
    main()
