"""Resellers and their orders from the command line, as an operator types them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from acceptance_commands import run_cli
from acceptance_server import RealServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

Done = subprocess.CompletedProcess[str]


class Operator:
    """Types commands on the server's machine."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder, self.dsn = folder, dsn

    def run(self, *words: str, stdin: str = "") -> Done:
        return run_cli(self.folder, *words, settings={"ACTIVATION_DATABASE_URL": self.dsn}, stdin=stdin)

    def make(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 1, (done.stdout, done.stderr)
        return done.stderr


@pytest.fixture
def operator(server: RealServer, dsn: str) -> Operator:
    return Operator(server.folder, dsn)


@pytest.fixture
def reseller_id(server: RealServer, operator: Operator) -> str:
    """The demo's own reseller, who has accepted the terms."""
    login = server.demo["reseller"]["login"]
    for row in operator.make("resellers", "list"):
        shown = operator.make("resellers", "show", row["reseller_id"])
        if login in [user["login"] for user in shown["users"]]:
            return str(row["reseller_id"])
    raise AssertionError("the demo's reseller is not listed")


async def test_p3_an_order_is_placed_paid_and_listed(operator: Operator, reseller_id: str) -> None:
    words = ("--product", "zoiper", "--major", "5", "--quantity", "10")
    order = operator.make("orders", "place", reseller_id, *words)
    assert (order["unit"], order["total"], order["state"]) == ("34.95", "349.50", "open")
    pay = ("orders", "pay", order["order_id"], "--reference", f"cli {order['order_id']}")
    assert operator.make(*pay, "--amount", "349.50")["settled"] is True
    assert operator.make(*pay, "--amount", "349.50")["recorded_before"] is True
    paid = operator.make("orders", "list", "--reseller", reseller_id, "--state", "paid")
    assert order["order_id"] in [row["order_id"] for row in paid]
    table = operator.run("orders", "list", "--reseller", reseller_id)
    assert order["order_id"] in table.stdout
    assert "conflict, P3" in operator.refused("orders", "cancel", order["order_id"])
    second = operator.make("orders", "place", reseller_id, *words, "--method", "online")
    assert operator.make("orders", "cancel", second["order_id"])["state"] == "cancelled"


@pytest.mark.parametrize("amount", ["1e3", "0", "-5", "1.001", "NaN", "a lot"])
async def test_p3_an_amount_that_is_none_is_a_wrong_usage(operator: Operator, amount: str) -> None:
    done = operator.run("orders", "pay", "ord_0000000000000", "--reference", "x", f"--amount={amount}")
    assert (done.returncode, "is not an amount in euros" in done.stderr) == (2, True)


async def test_p4_prices_are_shown_and_changed(operator: Operator) -> None:
    before = operator.make("products", "prices", "zoiper")
    assert before[0] == {"product": "zoiper", "from_quantity": 1, "unit": "39.95"}
    assert "conflict, P4" in operator.refused("products", "prices", "zoiper", "2=10")
    again = [f"{row['from_quantity']}={row['unit']}" for row in before]
    assert operator.make("products", "prices", "zoiper", *again) == before
    assert operator.run("products", "prices", "zoiper", "many=10").returncode == 2


async def test_p9_a_reseller_is_made_given_a_login_and_ended(operator: Operator, tmp_path: Path) -> None:
    made = operator.make("resellers", "create", "--name", "Short Lived Ltd", "--discount", "12.5")
    assert made.keys() == {"reseller_id", "login", "password", "totp_secret", "token"}
    anew = operator.make("resellers", "login", made["reseller_id"], made["login"])
    assert anew["password"] != made["password"]
    words = ("--product", "zoiper", "--major", "5", "--quantity", "1")
    assert "forbidden, P1" in operator.refused("orders", "place", made["reseller_id"], *words)
    assert "conflict, P8" in operator.refused("resellers", "suspend", made["reseller_id"])
    assert "conflict, P8" in operator.refused("resellers", "reinstate", made["reseller_id"])
    terms = tmp_path / "terms.txt"
    terms.write_text("Anything.")
    assert "conflict, P1" in operator.refused(
        "resellers", "terms", "--version", "demo-1", "--file", str(terms)
    )
    about = ("--product", "zoiper", "--licenses", "2", "--note", "Twice.")
    assert operator.make("resellers", "penalty", made["reseller_id"], *about)["amount"] == "159.80"
    end = ("resellers", "terminate", made["reseller_id"], "--why", "breach", "--note", "Enough.")
    assert operator.run(*end, stdin="n\n").returncode == 1
    assert operator.make(*end, "--yes")["forfeited"] == 0
    shown = operator.run("resellers", "show", made["reseller_id"])
    assert "terminated" in shown.stdout
    assert made["login"] in shown.stdout
    assert made["password"] not in shown.stdout
