"""`activation resets` as an operator runs it: in the names of two people of staff."""

import json
import subprocess
from pathlib import Path

import asyncpg
import pytest
from acceptance_commands import run_cli

from activation.licensing.identifiers import LICENSE, shard_of, to_text
from activation.storage.embedded import EmbeddedPostgres

ENROLMENT = b"\x01\x0astandard/1\x01\x11" + bytes(16) + b"\x00"


@pytest.fixture
async def held(house: Path) -> tuple[Path, str]:
    """A data folder with a licence that a device holds, and the licence's id."""
    for login in ("sara", "sven"):
        done = run_cli(house, "staff", "make", "--role", "sales", "--login", login)
        assert done.returncode == 0, done.stderr
    connection = await asyncpg.connect(EmbeddedPostgres(house / "postgres").start())
    try:
        license_id = await connection.fetchval("SELECT license_id FROM license LIMIT 1")
        await connection.execute(
            "INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper, enrolment)"
            " VALUES ($1, $2, 1, $3, 0, 1, $4)",
            license_id + 1,
            license_id,
            shard_of(license_id),
            ENROLMENT,
        )
    finally:
        await connection.close()
    return house, to_text(LICENSE, license_id)


def resets(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return run_cli(folder, "resets", *words)


def told(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    read: dict[str, object] = json.loads(done.stdout)
    return read


async def test_r5_two_people_one_after_the_other(held: tuple[Path, str]) -> None:
    folder, license_id = held
    reason = ("--reason", "device_lost", "--note", "on a train", "--json")
    made = told(resets(folder, "make", license_id, "--by", "sara", *reason))
    undone = told(resets(folder, "undo", str(made["reset_id"]), "--by", "sven", "--json"))
    assert (made["state"], undone["state"]) == ("done", "undone")
    figures = told(resets(folder, "exposure", license_id, "--json"))
    assert (figures["license_id"], figures["moves"]) == (license_id, 0)
    nobody = resets(folder, "make", license_id, "--by", "nobody", *reason)
    assert (nobody.returncode, "not_found" in nobody.stderr) == (1, True)
    bad = resets(folder, "make", license_id, "--by", "sara", "--reason", "because", "--note", "x")
    assert bad.returncode == 2


async def test_r5_past_the_bound_it_waits_until_a_second_one_approves(held: tuple[Path, str]) -> None:
    folder, license_id = held
    words = ("resets", "make", license_id, "--by", "sara", "--reason", "other", "--note", "on a train")
    asked = run_cli(folder, *words, settings={"ACTIVATION_RESET_AGENT_DAY": "0"})
    assert (asked.returncode, "approval_required" in asked.stderr) == (1, True)
    listed = resets(folder, "list", "--json")
    (waiting,) = json.loads(listed.stdout)
    assert waiting["reset_id"] in asked.stderr
    own = resets(folder, "approve", waiting["reset_id"], "--by", "sara")
    assert (own.returncode, "forbidden" in own.stderr) == (1, True)
    done = resets(folder, "approve", waiting["reset_id"], "--by", "sven")
    assert (done.returncode, "done" in done.stdout) == (0, True), done.stderr
    again = resets(folder, "decline", waiting["reset_id"], "--by", "sven")
    assert (again.returncode, "conflict" in again.stderr) == (1, True)
    assert "There is no waiting reset." in resets(folder, "list").stdout
