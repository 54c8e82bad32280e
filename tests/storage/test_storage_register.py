"""G1: the register of processing names every column of the schema, and no other."""

import pytest

from activation.licensing.privacy.retention import RetentionRule
from activation.storage.privacy.register import RegisterError, arrange, read_register
from activation.storage.privacy.sweeps import SWEEPS

A_TABLE = {
    "name": "t",
    "about": "people",
    "why": "a",
    "ground": "b",
    "rule": "mails",
    "seen_by": [],
    "plain": "x y",
    "personal": {"z": "a name"},
}


async def columns_of(connection):
    return {
        row[0]
        for row in await connection.fetch(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
    }


async def test_g1_every_column_has_an_entry_and_every_entry_a_column(connection):
    named, there = read_register().columns(), await columns_of(connection)
    assert sorted(there - named) == [], "say in activation/storage/privacy/register.toml what these hold"
    assert sorted(named - there) == [], "these columns are no more: take them out of the register"


async def test_g1_a_column_that_nobody_entered_is_found(connection):
    await connection.execute("ALTER TABLE reset ADD nickname text")
    assert await columns_of(connection) - read_register().columns() == {"reset.nickname"}


def test_g1_every_rule_of_retention_but_that_of_accounts_deletes_what_the_register_says_it_does():
    swept = {str(rule): {sweep.table for sweep in sweeps} for rule, sweeps in SWEEPS.items()}
    for column in read_register().personal:
        for rule in set(column.rules) & set(swept):
            assert column.table in swept[rule] or column.table == "allowance", column


def test_g1_nothing_personal_is_kept_for_good_but_a_digest():
    kept = {f"{one.table}.{one.name}" for one in read_register().personal if "log" in one.rules}
    assert kept == {"event.address_digest"}
    assert {rule for one in read_register().personal for rule in one.rules} >= set(map(str, RetentionRule))


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "for ever"},
        {"seen_by": ["everybody"]},
        {"plain": "x y z"},
        {"plain": "x x"},
        {"personal": {"z": {"rule": "mails"}}},
    ],
)
def test_g1_a_register_that_contradicts_itself_is_refused(wrong):
    arrange({"table": [A_TABLE]})
    with pytest.raises(RegisterError, match="t"):
        arrange({"table": [{**A_TABLE, **wrong}]})


def test_g1_a_table_stands_there_once():
    with pytest.raises(RegisterError, match="t is there twice"):
        arrange({"table": [A_TABLE, A_TABLE]})
