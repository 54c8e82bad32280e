"""Licences and products on the command line: given, found, suspended, revoked, extended (L5-L8)."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from acceptance_commands import run_cli
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

Run = Callable[..., subprocess.CompletedProcess[str]]
NOTE = ("--note", "as the customer asked")


@pytest.fixture
def run(server: RealServer, dsn: str) -> Run:
    """Run a command on the server's database."""
    return lambda *words: run_cli(server.folder, *words, settings={"ACTIVATION_DATABASE_URL": dsn})


@pytest.fixture
def told(run: Run) -> Callable[..., Any]:
    """What a command answers to programs."""

    def ask(*words: str) -> Any:
        done = run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


async def test_l5_l8_a_licence_is_given_found_suspended_and_revoked(
    run: Run, told: Callable[..., Any]
) -> None:
    login = told("accounts", "create")["login"]
    covering = ("--login", login, "--product", "zoiper", "--major", "5")
    given = told("licenses", "grant", *covering, "--kind", "evaluation", "--devices", "4")
    (license_id,) = given["licenses"]
    assert (given["device_limit"], given["kind"]) == (4, "evaluation")
    (row,) = told("licenses", "list", login)
    assert (row["license_id"], row["state"], row["kind"]) == (license_id, "active", "evaluation")
    assert license_id in run("licenses", "list", login).stdout
    longer = told("licenses", "extend", license_id, *NOTE)
    assert longer["license_ends_at"] > given["license_ends_at"]
    assert told("licenses", "suspend", license_id, *NOTE)["state"] == "suspended"
    assert told("licenses", "reinstate", license_id, *NOTE)["state"] == "active"
    assert told("licenses", "revoke", license_id, *NOTE)["state"] == "revoked"
    shown = told("licenses", "show", license_id)
    assert [event["event"] for event in shown["events"]] == ["revoked", "reinstated", "suspended", "extended"]
    assert {event["by"] for event in shown["events"]} == {"system"}
    assert [noted["staff_id"] for noted in shown["notes"]] == [None] * 4
    page = run("licenses", "show", license_id)
    assert page.returncode == 0
    assert "as the customer asked" in page.stdout
    again = run("licenses", "suspend", license_id, *NOTE)
    assert (again.returncode, again.stdout) == (1, "")
    assert "final" in again.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("licenses", "show", "lic_0000000000001"), 1),
        (("licenses", "show", "nothing"), 2),
        (("licenses", "revoke", "lic_0000000000001"), 2),
        (("licenses", "revoke", "lic_0000000000001", "--note", " "), 2),
        (("products", "build", "nothing", "5.6", "--released-at", "2026-01-01T00:00:00Z"), 1),
        (("products", "build", "zoiper", "5.6", "--released-at", "yesterday"), 2),
    ],
)
async def test_l8_what_cannot_be_is_said_in_a_line(run: Run, words: tuple[str, ...], status: int) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert 0 < len(done.stderr.strip().splitlines()) <= 4


async def test_l7_products_and_builds(run: Run, told: Callable[..., Any]) -> None:
    made = told("products", "create", "--code", "desk-phone", "--name", "Desk Phone", "--update-months", "12")
    assert made == {"code": "desk-phone", "update_months": 12, "refuses_forks": False}
    build = told("products", "build", "desk-phone", "5.6.1", "--released-at", "2026-01-01T01:00:00+01:00")
    assert build == {"product": "desk-phone", "version": "5.6.1", "released_at": "2026-01-01T00:00:00Z"}
    listed = {row["code"]: row for row in told("products", "list")}
    assert (listed["desk-phone"]["builds"], listed["desk-phone"]["update_months"]) == (1, 12)
    assert run("products", "create", "--code", "desk-phone", "--name", "Desk Phone").returncode == 1
