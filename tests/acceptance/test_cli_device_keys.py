"""D6 on the command line: a copied client folder shows within two renewals; what has no key is left alone."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from acceptance_api import Account
from acceptance_commands import run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer

from activation.beside import CATALOGUE_S
from activation.licensing.identifiers import ACTIVATION, from_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def on_server(server: RealServer, dsn: str) -> Callable[..., Any]:
    """What a command on the server's database answers to programs."""

    def ask(*words: str) -> Any:
        done = run_cli(server.folder, *words, "--json", settings={"ACTIVATION_DATABASE_URL": dsn})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def client(server: RealServer, tmp_path: Path) -> Callable[..., Done]:
    """`activation client …` in a folder, for a product."""
    done = run_cli(server.folder, "keys", "export")
    assert done.returncode == 0, done.stderr
    (tmp_path / "roots").write_text(done.stdout)

    def run(verb: str, folder: str, *words: str, product: str = "zoiper", **settings: str) -> Done:
        which = ("--server", server.url, "--product", product, "--roots", tmp_path / "roots")
        kept = tmp_path / folder
        return run_cli(
            tmp_path, "client", verb, *which, "--folder", kept, "--json", *words, settings=settings
        )

    return run


def renew_in_turn(client: Callable[..., Done], *folders: str, product: str = "zoiper") -> list[Done]:
    """Renew each folder, no two in the same second: two proofs of one second are the same bytes."""
    done = []
    for folder in folders:
        began = int(time.time())
        done.append(client("renew", folder, product=product))
        while int(time.time()) == began:
            time.sleep(0.02)
    return done


async def activated(client: Callable[..., Done], account: Account, product: str = "zoiper") -> dict[str, Any]:
    """Activate the folder `kept`; workers know a product that is new within seconds."""
    log_in = ("--login", account.login, "--version", "5.6.4")
    patience = time.monotonic() + 30
    while True:
        done = client("activate", "kept", *log_in, product=product, ACTIVATION_PASSWORD=account.password)
        if done.returncode == 0 or time.monotonic() > patience:
            break
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def copy_folder(tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "kept", tmp_path / "clone")


async def test_d6_a_clone_of_a_clients_folder_is_flagged_within_two_renewals(
    client: Callable[..., Done],
    on_server: Callable[..., Any],
    new_account: MakeAccount,
    tmp_path: Path,
) -> None:
    account = await new_account()
    told = await activated(client, account)
    assert (tmp_path / "kept" / "device.key").stat().st_mode & 0o777 == 0o600
    copy_folder(tmp_path)
    for done in renew_in_turn(client, "kept", "clone"):
        assert done.returncode == 0, done.stderr
    held = on_server("licenses", "show", told["license_id"])
    key = held["devices"][0]["key"]
    assert (key["enrolled"], key["proofs"]) == (True, 1)
    assert key["forked_at"] is not None
    assert (held["events"][0]["event"], held["events"][0]["details"]) == (
        "device_forked",
        {"proof": "counter"},
    )
    assert told["license_id"] in [row["license_id"] for row in on_server("licenses", "forks")]


async def test_d6_a_product_may_refuse_the_clone_and_the_password_helps(
    client: Callable[..., Done], on_server: Callable[..., Any], tmp_path: Path
) -> None:
    product = "careful"
    on_server(
        "products", "create", "--code", product, "--name", "C", "--install-id-on", "*", "--refuse-forks"
    )
    made = on_server("accounts", "create")
    account = Account(made["login"], made["password"], ())
    on_server("licenses", "grant", "--login", account.login, "--product", product, "--major", "5")
    told = await activated(client, account, product)
    await asyncio.sleep(CATALOGUE_S)  # until every worker knows the product
    copy_folder(tmp_path)
    first, second = renew_in_turn(client, "kept", "clone", product=product)
    assert first.returncode == 0, first.stderr
    assert (second.returncode, second.stdout) == (1, "")
    assert "device_mismatch" in second.stderr
    assert "Another copy" in second.stderr
    held = on_server("licenses", "show", told["license_id"])
    assert held["devices"][0]["key"]["forked_at"] is not None
    await activated(client, account, product)
    assert client("renew", "kept", product=product).returncode == 0


async def test_a_device_without_a_key_is_left_alone(
    client: Callable[..., Done],
    on_server: Callable[..., Any],
    new_account: MakeAccount,
    database: asyncpg.Connection,
    tmp_path: Path,
) -> None:
    """As one that was activated by a softphone which knew no keys, and copied since."""
    told = await activated(client, await new_account())
    (tmp_path / "kept" / "device.key").unlink()
    activation_id = from_text(ACTIVATION, told["activation_id"])
    await database.execute("UPDATE activation SET device_key = NULL WHERE activation_id = $1", activation_id)
    copy_folder(tmp_path)
    for done in renew_in_turn(client, "kept", "clone", "kept"):
        assert done.returncode == 0, done.stderr
    held = on_server("licenses", "show", told["license_id"])
    assert held["devices"][0]["key"] == {"enrolled": False, "proofs": 0, "forked_at": None}
    assert not (tmp_path / "kept" / "device.key").exists()


async def test_d6_the_policy_is_changed_on_the_command_line(on_server: Callable[..., Any]) -> None:
    on_server("products", "create", "--code", "changing", "--name", "C")
    assert on_server("products", "forks", "changing", "--refuse")["refuses_forks"] is True
    assert on_server("products", "forks", "changing", "--report")["refuses_forks"] is False
