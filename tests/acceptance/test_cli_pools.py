"""Pools, tests and assignments from the command line."""

import json
from typing import Any

import pytest
from acceptance_commands import run_cli
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOFTPHONE = ("--product", "zoiper", "--major", "5")


@pytest.fixture
def run(server: RealServer, dsn: str) -> Any:
    def type_in(*words: str, status: int = 0) -> Any:
        settings = {"ACTIVATION_DATABASE_URL": dsn}
        done = run_cli(server.folder, *words, *(("--json",) if status == 0 else ()), settings=settings)
        assert done.returncode == status, (done.stdout, done.stderr)
        return json.loads(done.stdout) if status == 0 else done.stderr

    return type_in


async def test_t1_tests_are_granted_and_shown_in_the_pool(run: Any) -> None:
    reseller_id = run("resellers", "create", "--name", "Poolside Ltd")["reseller_id"]
    assert run("resellers", "pool", reseller_id) == []
    granted = run("resellers", "grant-tests", reseller_id, *SOFTPHONE, "--count", "3")
    assert (granted["granted"], granted["balance"]) == (3, 3)
    (pool,) = run("resellers", "pool", reseller_id)
    assert (pool["kind"], pool["granted"], pool["balance"], pool["assigned"]) == ("test", 3, 3, 0)
    words = ("licenses", "assign", "--reseller", reseller_id, "--login", "nobody", *SOFTPHONE)
    assert "Refused (" in run(*words, "--test", status=1)
    assert "no reseller's id" in run("resellers", "pool", "nonsense", status=2)
    assert "not_found" in run("resellers", "pool", "rsl_0000000000000", status=1)


async def test_p5_only_a_customer_of_the_reseller_gets_licences(run: Any, server: RealServer) -> None:
    seller = server.demo["reseller"]["login"]
    for row in run("resellers", "list"):
        users = run("resellers", "show", row["reseller_id"])["users"]
        if seller in [user["login"] for user in users]:
            break
    refused = run(
        "licenses", "assign", "--reseller", row["reseller_id"], "--login", "nobody", *SOFTPHONE, status=1
    )
    assert "Refused (not_found, P5)" in refused
