"""What people ask for, from the command line, as somebody of staff types it on the server's machine."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from acceptance_server import RealServer, run_cli

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def run(server: RealServer, dsn: str) -> Any:
    def run(*words: str, stdin: str = "", status: int = 0) -> str:
        settings = {"ACTIVATION_DATABASE_URL": dsn}
        done = run_cli(server.folder, "privacy", *words, settings=settings, stdin=stdin)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    return run


async def test_g3_g4_g7_g8_a_letter_is_answered_at_the_command_line(server: RealServer, run: Any) -> None:
    login = server.demo["company"]["login"]
    came = f"{datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}"
    letter = ("ask", login, "--kind", "access", "--how", "letter of 3 May", "--received", came, "--json")
    told = json.loads(run(*letter))
    asked = told["request_id"]
    assert datetime.now(UTC) - datetime.fromisoformat(told["asked_at"]) > timedelta(days=7)
    assert "Verify first" in run("answer", asked, "--outcome", "done", stdin="Here.", status=1)
    run("verify", asked, "--how", "called back")
    copy = json.loads(run("export", login))
    assert (len(copy["licenses"]), copy["person"]["login"]) == (50, login)
    answered = json.loads(run("answer", asked, "--outcome", "done", "--json", stdin="Here it is."))
    assert (answered["state"], answered["answer"]) == ("done", "Here it is.")
    listed = json.loads(run("requests", "--state", "done", "--json"))
    assert asked in [one["request_id"] for one in listed]
    corrected = run("rectify", login, "--field", "phone", "+359 2 1234", "--field", "address", "", "--json")
    assert json.loads(corrected)["changed"] == ["phone"]
    assert "email" in run("rectify", login, "--field", "email", "nothing", status=2)
    assert json.loads(run("wish", login, "restrict", "--json"))["restricted_at"] is not None
    run("wish", login, "lift")
    said = ("consent", login, "--given", "--version", "2026-1", "--how", "on the phone")
    assert "True" in run(*said)


async def test_g7_a_breach_report_is_printed_for_people_and_programs(server: RealServer, run: Any) -> None:
    login = server.demo["end_user"]["login"]
    run("export", login)
    days = [(datetime.now(UTC) + timedelta(days=n)).strftime("%Y-%m-%d") for n in (-1, 2)]
    asked = ("breach", "--since", days[0], "--until", days[1], "--person", login)
    told = json.loads(run(*asked, "--json"))
    assert (told["persons"], {one["reader"] for one in told["exposed"]}) == (1, {"system"})
    assert "login: seen" in run(*asked)
    nothing = json.loads(run(*asked, "--field", "phone", "--json"))
    assert (nothing["exposed"], nothing["persons"]) == ([], 0)
    assert "not_found" in run(*asked, "--reader", "nobody-at-all", status=1)
