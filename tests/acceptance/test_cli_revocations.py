"""A key that leaked, on the command line: what operators do and see, and what softphones then believe."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance_commands import run_cli
from acceptance_making import MakeAccount, copy_keys
from acceptance_server import RealServer

from activation.client.seen_mark import store_seen

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Phone:
    """`activation client …` with a folder of its own."""

    def __init__(self, base: Path, name: str, roots: Path) -> None:
        self.base, self.folder, self.roots = base, base / name, roots

    def run(self, verb: str, url: str, *words: str, **settings: str) -> Any:
        which = ("--product", "zoiper", "--roots", self.roots, "--folder", self.folder, "--json")
        return run_cli(self.base, "client", verb, "--server", url, *which, *words, settings=settings)

    def activate(self, url: str, account: Any) -> None:
        login = ("--login", account.login, "--version", "5.6.4")
        done = self.run("activate", url, *login, ACTIVATION_PASSWORD=account.password)
        assert done.returncode == 0, done.stderr

    def verify(self) -> tuple[int, dict[str, Any], str]:
        """Verify with no network: the address leads nowhere."""
        done = self.run("verify", "http://localhost:1")
        return done.returncode, json.loads(done.stdout), done.stderr


@pytest.fixture
def leaky(server: RealServer, dsn: str, tmp_path: Path) -> Iterator[RealServer]:
    """A second server on the same database, with the same keys in a folder of its own; not started."""
    folder = tmp_path / "leaky"
    folder.mkdir(mode=0o700)
    copy_keys(server.folder, folder)
    second = RealServer(folder, "serve", ACTIVATION_DATABASE_URL=dsn)
    yield second
    second.stop()


def command(server: RealServer, *words: str) -> str:
    done = run_cli(server.folder, *words, settings=server.settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_leaked_key_reaches_softphones_at_their_next_contact(
    server: RealServer, leaky: RealServer, new_account: MakeAccount, tmp_path: Path
) -> None:
    roots = tmp_path / "roots"
    roots.write_text(command(leaky, "keys", "export"))
    account, another = await new_account(), await new_account()
    met, alone = Phone(tmp_path, "met", roots), Phone(tmp_path, "alone", roots)
    met.activate(server.url, account)
    alone.activate(server.url, another)
    assert command(leaky, "keys", "revocations") == "Nothing is revoked.\n"

    listed = json.loads(command(leaky, "keys", "list", "--json"))
    old = next(row["kid"] for row in listed if row["state"] == "signs" and not row["offline"])
    command(leaky, "keys", "rotate")
    command(leaky, "keys", "retire", old, "--leaked")
    told = json.loads(command(leaky, "keys", "revocations", "--json"))
    assert told["keys"] == [{"what": "key", "name": old, "why": "leaked"}]
    assert (told["certificates"], told["found"]) == ([], 0)
    assert old in command(leaky, "keys", "revocations").replace("\n", "").replace(" ", "")

    leaky.start()
    assert met.verify()[0] == 0
    refused = met.run("renew", leaky.url)
    assert refused.returncode == 1
    assert "certificate_invalid" in refused.stderr
    status, said, text = met.verify()
    assert (status, said) == (1, {"status": "not verified", "reason": "key_leaked"})
    assert "Activate again with your login and password" in text
    status, said, _ = alone.verify()
    assert (status, said["status"]) == (0, "verified")

    met.activate(leaky.url, account)
    status, said, _ = met.verify()
    assert (status, said["status"]) == (0, "verified")


async def test_a_clock_set_back_is_told_with_its_reason(
    server: RealServer, new_account: MakeAccount, tmp_path: Path
) -> None:
    roots = tmp_path / "roots"
    roots.write_text(command(server, "keys", "export"))
    phone = Phone(tmp_path, "kept", roots)
    phone.activate(server.url, await new_account())
    assert phone.verify()[0] == 0
    store_seen(phone.folder, 4_070_908_800)  # as if the clock had stood in 2099
    status, said, text = phone.verify()
    assert (status, said) == (1, {"status": "not verified", "reason": "clock_back"})
    assert "2099-01-01T00:00:00Z was seen here before. Set the clock" in text
    renewed = phone.run("renew", server.url)
    assert renewed.returncode == 0, renewed.stderr
    assert phone.verify()[0] == 0
