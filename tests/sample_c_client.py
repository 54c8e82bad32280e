"""The client in C, built with the sanitizers where a compiler and the libraries are there."""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

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


def _has_headers() -> bool:
    words = ["cc", "-E", "-x", "c", "-o", "/dev/null", "-"]
    return subprocess.run(words, input=HEADERS, text=True, capture_output=True, check=False).returncode == 0
