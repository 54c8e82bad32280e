"""`activation subscriptions …` and `activation accounts …` as an operator runs them (S0-S5, C1, C3)."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from acceptance_commands import run_cli

LOGIN = "company-1"
PURCHASE = ("--email", "ann@example.com", "--name", "Ann", "--product", "softphone", "--major", "5")


@pytest.fixture
def house(house: Path) -> Path:
    """A data folder with a product and an account."""
    done = run_cli(house, "accounts", "create", "--login", LOGIN)
    assert done.returncode == 0, done.stderr
    return house


def told(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_s0_a_subscription_from_its_making_to_its_end(house: Path) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return run_cli(house, "subscriptions", *words)

    terms = ("--login", LOGIN, "--product", "softphone", "--fee", "120.00", "--months", "12")
    made = told(run("create", *terms, "--major", "5", "--quantity", "3", "--setup-fee", "50.00", "--json"))
    one = made["subscription_id"]
    money = ("--amount", "120.00", "--reference", "bank 1", "--json")
    first, again = told(run("pay", one, *money)), told(run("pay", one, *money))
    assert first == again
    assert first["settled"] is True
    table = run("list", "--login", LOGIN)
    assert (table.returncode, "running" in table.stdout) == (0, True)
    assert told(run("show", one, "--json"))["paid_until"] == first["paid_until"]
    shown = told(run_cli(house, "accounts", "show", LOGIN, "--json"))
    assert shown["licenses"] == [
        {"product": "softphone", "major": 5, "kind": "subscription", "bought": 3, "used": 0, "free": 3}
    ]
    ended = told(run("end", one, "--by", "licensor", "--note", "the product ends", "--json"))
    assert (ended["refund"], ended["unused_months"]) == ("110.00", 11)
    twice = run("end", one, "--by", "client", "--note", "again")
    assert (twice.returncode, "S4" in twice.stderr) == (1, True)
    for words in (("pay", "sub_x", *money), ("pay", one, "--amount", "1.5", "--reference", "x")):
        assert run(*words).returncode == 2


def test_s5_an_update_plan(house: Path) -> None:
    terms = ("--login", LOGIN, "--product", "softphone", "--fee", "20.00", "--months", "12", "--json")
    made = told(run_cli(house, "subscriptions", "plan", *terms))
    money = ("--amount", "20.00", "--reference", "bank 1", "--json")
    paid = told(run_cli(house, "subscriptions", "pay", made["plan_id"], *money))
    listed = told(run_cli(house, "subscriptions", "plans", "--login", LOGIN, "--json"))
    assert [(one["state"], one["paid_until"]) for one in listed] == [("running", paid["paid_until"])]


def test_c1_a_purchase_by_hand_its_money_and_no_withdrawing(house: Path) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return run_cli(house, "accounts", *words)

    order = ("--total", "59.90", "--quantity", "2", "--reference", "PO 7", "--method", "purchase_order")
    bought = told(run("purchase", *PURCHASE, *order, "--json"))
    assert "password" not in bought
    one = bought["purchase_id"]
    paid = told(run("pay", one, "--amount", "59.90", "--reference", "bank 7", "--json"))
    assert paid["settled"] is True
    refused = run("withdraw", one)
    assert (refused.returncode, "P10" in refused.stderr) == (1, True)
    again = run("purchase", *PURCHASE, "--total", "1.00", "--reference", "PO 7")
    assert (again.returncode, "conflict" in again.stderr) == (1, True)
    bad = run("purchase", "--email", "nobody", *PURCHASE[2:], "--total", "1.00", "--reference", "x")
    assert bad.returncode == 2
