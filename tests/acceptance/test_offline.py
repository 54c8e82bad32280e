"""Offline activation end to end: a client's folder without network, a real server, mail in between (R2)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from acceptance_api import Api, refused
from acceptance_commands import environment, run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = {"Content-Type": "text/plain"}
_WITHOUT_NETWORK = """
import os, sys
def watch(event, arguments):
    if event in ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        os.write(2, f"network: {event}".encode())
        os._exit(99)
sys.addaudithook(watch)
from activation.cli import main
main()
"""


class LonelyClient:
    """`activation client …` in a folder of its own; a socket that it opens is the end of it."""

    def __init__(self, server: RealServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        for name, words in (("roots", []), ("sealing", ["--sealing"])):
            (folder / name).write_text(run_cli(server.folder, "keys", "export", *words).stdout)

    def run(self, verb: str, *words: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
        which = ["--server", self.server.url, "--product", "zoiper", "--roots", "roots", "--folder", "kept"]
        return subprocess.run(
            [sys.executable, "-c", _WITHOUT_NETWORK, "client", verb, *which, "--json", *words],
            env=environment(self.folder, settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def request(self, login: str, password: str, *words: str) -> Path:
        made = self.run(
            "offline-request",
            *("--sealing", "sealing", "--login", login, "--version", "5.6.4", *words),
            ACTIVATION_PASSWORD=password,
        )
        assert made.returncode == 0, made.stderr
        return self.folder / json.loads(made.stdout)["request"]


@pytest.fixture
def lonely(server: RealServer, tmp_path: Path) -> LonelyClient:
    return LonelyClient(server, tmp_path)


def mangle(text: str) -> bytes:
    """Return a text as mail may bring it: BOM, CRLF, blanks at the ends, words above and below."""
    lines = [f"{line}  " for line in text.splitlines()]
    return "\ufeff".encode() + "\r\n".join(["Hello,", "", *lines, "", "-- ", "Sent by mail"]).encode()


async def test_r2_a_file_goes_out_and_comes_back_through_mail(
    api: Api, new_account: MakeAccount, lonely: LonelyClient
) -> None:
    account = await new_account()
    request = lonely.request(account.login, account.password)
    assert request.name.startswith("Zoiper")
    assert request.suffix == ".certificate-request"
    assert account.password not in request.read_text()

    answers = [
        await api.call("POST", "/v1/offline-activations", body=body, headers=TEXT)
        for body in (mangle(request.read_text()), request.read_bytes())
    ]
    assert (answers[0].status, answers[0].body) == (200, answers[1].body)
    name = request.name.replace("-request", "")
    assert answers[0].headers["Content-Disposition"] == f'attachment; filename="{name}"'

    (lonely.folder / f"{name}.txt").write_bytes(mangle(answers[0].body.decode()))
    installed = lonely.run("offline-install", name)
    assert installed.returncode == 0, installed.stderr
    told = json.loads(installed.stdout)
    assert (told["license_id"], told["expires_at"]) == (account.licenses[0], None)
    assert lonely.run("verify").returncode == 0

    [listed] = await api.licenses(account)
    assert listed["device"]["online"] is False
    refused(await api.reset(account, account.licenses[0]), "reset_offline")


async def test_r2_an_agent_scans_the_code_and_the_machine_scans_the_answer(
    server: RealServer, new_account: MakeAccount, lonely: LonelyClient, tmp_path: Path
) -> None:
    account = await new_account()
    lonely.request(account.login, account.password, "--qr", "request.png", "--page", "page.html")
    assert "<svg" in (tmp_path / "page.html").read_text()
    support = json.loads((server.folder / "demo.json").read_text())["staff"]["support"]["login"]
    out = tmp_path / "out"
    out.mkdir()
    done = run_cli(
        server.folder,
        *("licenses", "offline-activate", *sorted(tmp_path.glob("request*.png"))),
        *("--by", support, "--out", out, "--qr", tmp_path / "answer.png", "--json"),
    )
    assert done.returncode == 0, done.stderr
    pictures = json.loads(done.stdout)["written"][1:]
    assert lonely.run("offline-install", *reversed(pictures)).returncode == 0
    listed = json.loads(
        run_cli(server.folder, "licenses", "offline-files", account.licenses[0], "--json").stdout
    )
    assert [row["staff_id"] is not None for row in listed] == [True]


async def test_what_cannot_be_installed_ends_with_a_sentence(lonely: LonelyClient) -> None:
    (lonely.folder / "garbage").write_text("nothing of the kind")
    done = lonely.run("offline-install", "garbage")
    assert done.returncode == 1
    assert "BEGIN SOFTPHONE CERTIFICATE" in done.stderr
    assert lonely.run("offline-install", "not-there").returncode == 2
    done = lonely.run(
        "offline-request", "--sealing", "roots", "--login", "x", "--version", "5", ACTIVATION_PASSWORD="y"
    )
    assert done.returncode == 2
    assert "not a sealing key" in done.stderr
