"""`activation staff` as an operator runs it, on the server's own machine."""

import json
from typing import Any

from acceptance_server import RealServer, run_cli

from activation.licensing.roles import Role, acts_of


async def test_staff_are_made_given_a_role_and_suspended_by_hand(server: RealServer, dsn: str) -> None:
    def run(*words: str) -> Any:
        done = run_cli(server.folder, "staff", *words, "--json", settings={"ACTIVATION_DATABASE_URL": dsn})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    made = run("make", "--role", "support", "--login", "eva", "--email", "eva@example.org")
    assert set(made) == {"staff_id", "login", "role", "password"}
    assert run("role", "eva", "sales")["role"] == "sales"
    assert run("suspend", "eva")["state"] == "suspended"
    [eva] = [one for one in run("list") if one["login"] == "eva"]
    assert (eva["role"], eva["state"], eva["second_factor"]) == ("sales", "suspended", False)
    assert "eva@example.org" not in str(eva)
    token, *_ = run("tokens", server.demo["staff"]["auditor"]["login"])
    assert (token["scopes"], token["state"]) == (sorted(acts_of(Role.AUDITOR)), "active")
