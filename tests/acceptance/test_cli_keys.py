"""The ceremony on two machines, by the commands: no secret travels, and OpenSSL reads what is written."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acceptance_commands import run_cli

PASSPHRASE = "correct horse battery staple"
OPENSSL = shutil.which("openssl")
Keys = Callable[..., "subprocess.CompletedProcess[str]"]


def at(folder: Path) -> Keys:
    """The `keys` command of the machine that has this data folder."""

    def run(*words: str | Path, passphrase: str | None = None) -> "subprocess.CompletedProcess[str]":
        settings = {} if passphrase is None else {"ACTIVATION_ROOT_PASSPHRASE": passphrase}
        return run_cli(folder, "keys", *words, settings=settings)

    return run


def done(run: "subprocess.CompletedProcess[str]") -> str:
    assert run.returncode == 0, run.stderr
    return run.stdout


def listed(keys: Keys) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done(keys("list", "--json")))
    return rows


def secrets_in(folder: Path) -> set[str]:
    """The private halves of all key files."""
    texts = [path.read_text() for path in folder.rglob("*.key")]
    return {json.loads(text).get("d", "") for text in texts} - {""}


@pytest.fixture
def apart(tmp_path: Path) -> Path:
    (tmp_path / "apart").mkdir()
    return tmp_path / "apart"


@pytest.fixture
def server(tmp_path: Path) -> Path:
    (tmp_path / "server").mkdir()
    return tmp_path / "server"


def test_the_ceremony_on_two_machines(apart: Path, server: Path, tmp_path: Path) -> None:
    carried = tmp_path / "carried"
    carried.mkdir()
    there, here = at(apart), at(server)
    done(there("init", "--roots-only", passphrase=PASSPHRASE))
    roots = apart / "offline-roots"
    assert "box" in (roots / "root-current.key").read_text()
    assert secrets_in(apart) == set(), "no root lies open"
    shutil.copy(roots / "roots.json", carried)

    done(here("init", "--public", carried / "roots.json"))
    done(here("request", carried / "asked", "--count", "2", "--every", "200"))
    assert [row["state"] for row in listed(here)] == ["requested", "requested"]
    wrong = there("sign", carried / "asked", carried / "signed", "--yes", passphrase="wrong " + PASSPHRASE)
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 1)
    assert not (carried / "signed").exists()
    done(there("sign", carried / "asked", carried / "signed", "--yes", passphrase=PASSPHRASE))
    done(here("install", carried / "signed"))

    assert [row["state"] for row in listed(here)] == ["signs", "next"]
    assert done(here("export")).split() == [
        root["x"] for root in json.loads((roots / "roots.json").read_text())["roots"]
    ]
    everything = "".join(path.read_text() for path in carried.iterdir())
    assert len(secrets_in(server)) == 3  # two signing keys, the sealing key
    assert not any(secret in everything for secret in secrets_in(server))
    assert not list(server.rglob("root-*"))


def test_a_delegation_of_strange_roots_is_not_installed(apart: Path, server: Path, tmp_path: Path) -> None:
    done(at(apart)("init", "--no-passphrase"))
    done(at(server)("init", "--no-passphrase"))
    before = listed(at(server))
    done(at(server)("request", tmp_path / "asked"))
    done(at(apart)("sign", tmp_path / "asked", tmp_path / "signed", "--yes"))
    refused = at(server)("install", tmp_path / "signed")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "root" in refused.stderr
    assert [row for row in listed(at(server)) if row["state"] != "requested"] == before


def test_what_is_there_is_never_made_anew(server: Path) -> None:
    keys = at(server)
    assert "not encrypted" in keys("init", "--no-passphrase").stderr
    before = {path: path.read_bytes() for path in server.rglob("*") if path.is_file()}
    for words in (("init", "--no-passphrase"), ("init", "--roots", "other", "--no-passphrase")):
        again = keys(*words)
        assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    public = server / "offline-roots" / "roots.json"
    assert keys("init", "--public", public).returncode == 1
    assert {path: path.read_bytes() for path in server.rglob("*") if path.is_file()} == before


def test_without_a_terminal_a_passphrase_must_come_from_somewhere(server: Path, tmp_path: Path) -> None:
    keys = at(server)
    silent = keys("init")
    assert silent.returncode == 2
    assert "ACTIVATION_ROOT_PASSPHRASE" in silent.stderr
    short = keys("init", passphrase="short")
    assert short.returncode == 1
    assert "12" in short.stderr
    assert list(server.iterdir()) == []
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    done(keys("init", "--passphrase-file", file))
    assert keys("rotate").returncode == 2
    done(keys("rotate", passphrase=PASSPHRASE))
    assert [row["state"] for row in listed(keys)].count("signs") == 2


def test_keys_in_advance_leave_no_gap(server: Path) -> None:
    keys = at(server)
    done(keys("init", "--no-passphrase"))
    for words in (("--count", "2"), ("--count", "2", "--every", "40", "--days", "30")):
        gap = keys("rotate", *words)
        assert (gap.returncode, len(gap.stderr.splitlines())) == (1, 1)
    done(keys("rotate", "--count", "3", "--every", "90", "--days", "100", "--after", "10"))
    assert [row["state"] for row in listed(keys)] == ["signs", "signs", "next", "next", "next"]


def test_the_last_key_is_retired_only_as_leaked(server: Path) -> None:
    keys = at(server)
    done(keys("init", "--no-passphrase"))
    kid = next(row["kid"] for row in listed(keys) if not row["offline"])
    refused = keys("retire", kid)
    assert refused.returncode == 1
    assert "rotate first" in refused.stderr
    leaked = keys("retire", kid, "--leaked")
    assert leaked.returncode == 0
    assert "Warning" in leaked.stderr
    assert "leaked" in [row["state"] for row in listed(keys)]


@pytest.mark.skipif(OPENSSL is None, reason="NOT TESTED: there is no openssl")
def test_openssl_reads_our_keys_and_we_read_its(server: Path, tmp_path: Path) -> None:
    keys = at(server)
    done(keys("init", "--no-passphrase"))
    for name in ("current", listed(keys)[0]["kid"]):
        pem = tmp_path / f"{name}.pem"
        done(keys("export-private", name, pem))
        assert pem.stat().st_mode & 0o777 == 0o600
        openssl("pkey", "-in", pem, "-noout", "-check")
    public = done(keys("export", "--pem"))
    first = "".join(line + "\n" for line in public.splitlines()[:3])
    assert openssl("pkey", "-in", tmp_path / "current.pem", "-pubout") == first

    made = tmp_path / "made.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", made)
    done(keys("import-private", made))
    kid = next(row["kid"] for row in listed(keys) if row["state"] == "requested")
    done(keys("request", "--key", kid, tmp_path / "asked"))
    done(keys("sign", tmp_path / "asked", tmp_path / "signed", "--yes"))
    done(keys("install", tmp_path / "signed"))
    assert next(row["kid"] for row in listed(keys) if row["state"] == "signs" and not row["offline"]) == kid


@pytest.mark.skipif(OPENSSL is None, reason="NOT TESTED: there is no openssl")
def test_roots_that_openssl_made(apart: Path, tmp_path: Path) -> None:
    keys = at(apart)
    for use in ("current", "next"):
        made = tmp_path / f"{use}.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", made)
        done(keys("import-private", made, "--root", use, passphrase=PASSPHRASE))
        assert keys("import-private", made, "--root", use, passphrase=PASSPHRASE).returncode == 1
    assert secrets_in(apart) == set()
    published = json.loads((apart / "offline-roots" / "roots.json").read_text())["roots"]
    assert [root["use"] for root in published] == ["current", "next"]
    done(keys("export-private", "next", tmp_path / "back.pem", passphrase=PASSPHRASE))
    assert (tmp_path / "back.pem").read_text() == (tmp_path / "next.pem").read_text()


def openssl(*words: str | Path) -> str:
    return subprocess.run([str(OPENSSL), *words], capture_output=True, check=True, text=True).stdout
