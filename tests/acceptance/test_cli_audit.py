"""The log on the command line: sealed, checked, exported, shown."""

import json
from pathlib import Path

import pytest
from acceptance_commands import run_cli
from acceptance_making import MakeAccount
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_log_is_sealed_exported_verified_and_shown(
    server: RealServer, dsn: str, new_account: MakeAccount, tmp_path: Path
) -> None:
    def run(*words: str, status: int = 0) -> str:
        done = run_cli(server.folder, "audit", *words, settings={"ACTIVATION_DATABASE_URL": dsn})
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout

    account = await new_account(1)
    shown = json.loads(run("show", account.login, "--json"))
    assert {event["event"] for event in shown["events"]} >= {"account_made", "licenses_granted"}
    run("seal", "--json")  # the server may have been first
    exported = run("export")
    checkpoints = tmp_path / "seals.jsonl"
    checkpoints.write_text(exported)
    found = json.loads(run("verify", "--checkpoints", str(checkpoints), "--json"))
    assert found["holds"], found
    assert 0 < found["checkpoints"] == len(exported.splitlines()) <= found["seals"]
    other = json.loads(run("verify", "--root", "A" * 43, "--json", status=1))
    assert "its signature does not hold" in other["problems"][0]["problem"]
