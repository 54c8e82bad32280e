"""Erasing, the register, retention and the ledger, as an operator types them."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from acceptance_commands import run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer

from activation.licensing.identifiers import ACCOUNT, account_of_login, to_text

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def run(server: RealServer, dsn: str) -> Any:
    def type_in(*words: str, status: int = 0, stdin: str = "") -> Any:
        settings = {"ACTIVATION_DATABASE_URL": dsn}
        done = run_cli(server.folder, "privacy", *words, settings=settings, stdin=stdin)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done

    return type_in


async def test_g3_a_person_is_erased_after_a_look_and_stays_so(
    run: Any, new_account: MakeAccount, database: asyncpg.Connection, server: RealServer, tmp_path: Path
) -> None:
    account = await new_account(2)
    text = run("erase", account.login, "--preview").stdout
    assert "the account, 2 licences on 0 devices" in text
    assert "nobody may get its login again, until for good" in text
    assert "Aborted" in run("erase", account.login, status=1, stdin="n\n").stderr
    assert "--shown" in run("erase", account.login, "--json", status=2).stderr
    assert "conflict, G3" in run("erase", account.login, "--shown", "0" * 32, status=1).stderr

    done = run("erase", account.login, stdin="y\n")
    assert "erased at" in done.stdout
    assert "deleted already" in run("erase", account.login, "--preview", status=1).stderr
    number = to_text(ACCOUNT, account_of_login(account.login))
    told = [json.loads(line) for line in run("ledger", "export").stdout.splitlines()]
    assert number in [one["erased"] for one in told]
    assert number in (server.folder / "erasures.jsonl").read_text()

    kept = tmp_path / "ledger"
    kept.write_text("".join(json.dumps(one) + "\n" for one in told if one["erased"] == number))
    applied = json.loads(run("ledger", "apply", str(kept), "--json").stdout)
    assert applied == {"erased": 0, "known": 1, "unknown": 0, "foreign": 0}
    await database.execute("DELETE FROM erasure WHERE account_id = $1", account_of_login(account.login))
    assert json.loads(run("ledger", "apply", "--json").stdout)["erased"] == 0  # erased, though not entered
    kept.write_text(json.dumps({"erased": number, "at": 1, "database": "another"}) + "\n")
    assert "of another database: 1" in run("ledger", "apply", str(kept)).stderr
    kept.write_text('{"erased": "somebody"}\n')
    assert "line 1 of the ledger" in run("ledger", "apply", str(kept), status=1).stderr


async def test_g3_a_person_of_staff_is_erased_by_login(run: Any, server: RealServer, dsn: str) -> None:
    made = run_cli(
        server.folder,
        *("staff", "make", "--role", "support", "--login", "leaver", "--json"),
        settings={"ACTIVATION_DATABASE_URL": dsn},
    )
    assert made.returncode == 0, made.stderr
    assert "leaver: login, password" in run("erase", "leaver", "--of", "staff", "--preview").stderr
    assert "usr_" in run("erase", "leaver", "--of", "staff", stdin="y\n").stdout
    assert "not_found" in run("erase", "leaver", "--of", "staff", status=1, stdin="y\n").stderr


async def test_g1_g2_the_register_and_what_is_due_are_shown(run: Any) -> None:
    table = run("register").stdout
    assert "personal.value" in table
    told = json.loads(run("register", "--json").stdout)
    assert {"entries", "plain"} == set(told)
    counts = json.loads(run("retention", "--dry-run", "--json").stdout)
    assert {one["rule"] for one in counts} >= {"authorisation", "billing", "traces"}
    assert json.loads(run("retention", "--json").stdout)
