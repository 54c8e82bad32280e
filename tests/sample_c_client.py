"""The client in C, built with the sanitizers where a compiler and the libraries are there."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

SOURCES = Path(__file__).parents[1] / "activation" / "client" / "c"
HEADERS = "#include <sodium.h>\n#include <curl/curl.h>\n#include <jansson.h>\n"
PACKAGES = "gcc, make, libsodium-dev, libcurl4-openssl-dev and libjansson-dev"


@lru_cache
def build(folder: Path) -> Path:
    """Return the program. Skips the test that asks where it cannot be built here."""
    if not shutil.which("cc") or not shutil.which("make") or not _has_headers():
        pytest.skip(f"NOT TESTED: the client in C is built where {PACKAGES} are installed")
    words = ["make", "-s", "-C", str(SOURCES), "sanitized", f"BUILD={folder}"]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder / "softphone-sanitized"


def run(program: Path, *words: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run it to its end; no sanitizer may have anything to say."""
    done = subprocess.run(
        [program, *words],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "NO_PROXY": "*", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Sanitizer" not in done.stderr, done.stderr
    assert "runtime error" not in done.stderr, done.stderr
    return done


class FakeServer(ThreadingHTTPServer):
    """Answers every call with what it was told: a status and an object, or a page's text."""

    posted: tuple[int, Any] = (403, {"code": "suspended", "detail": "Suspended."})
    listed: tuple[int, Any] = (503, {})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(*self.server.posted)

    def do_GET(self) -> None:
        self._answer(*self.server.listed)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, content: Any) -> None:
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    """Start one on a free port, for as long as the block lasts."""
    with FakeServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _has_headers() -> bool:
    words = ["cc", "-E", "-x", "c", "-o", "/dev/null", "-"]
    return subprocess.run(words, input=HEADERS, text=True, capture_output=True, check=False).returncode == 0
