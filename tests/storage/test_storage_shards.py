"""Every table of an account begins with its shard, and every hot statement names it: what Citus asks for.

One forgotten `shard =` is no error anywhere and sends each batch to all nodes.
"""

import re

import pytest
from storage.test_storage_plans import BATCH

from activation.storage.statements import statement

WORD = r"[a-z_]+"
READ = re.compile(rf"\b(?:FROM|JOIN|USING|UPDATE)\s+({WORD})(?:\s+(?:AS\s+)?({WORD}))?")
WRITTEN = re.compile(rf"\bINSERT\s+INTO\s+({WORD})\s*\(([^)]*)\)")
NOT_ALIASES = {"SET", "WHERE", "ON", "JOIN", "LEFT", "ORDER", "USING"}
REFERENCE = {"product", "staff"}
"""Small tables that every node has whole: foreign keys may point there."""
VOLATILE = ("clock_timestamp", "random", "now()", "nextval", "gen_random_uuid")

TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shard'
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
"""
KEYS = """
SELECT c.relname, i.relname, ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE x.indisunique AND c.relname = ANY($1)
"""
POINTS = """
SELECT conrelid::regclass::text, confrelid::regclass::text,
    ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey))
FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY($1)
"""


def plain(sql):
    """Return a statement without its comments and its own names."""
    return re.sub(r"--[^\n]*", "", sql)


def without_shard(sql, tables):
    """Return the tables of accounts that a statement reads, changes or fills without naming their shard."""
    sql = plain(sql)
    missed = []
    for table, alias in READ.findall(sql):
        if table not in tables:
            continue
        name = alias if alias and alias not in NOT_ALIASES and alias != alias.upper() else table
        if not re.search(rf"\b{name}\.shard\s*=|=\s*{name}\.shard\b", sql):
            missed.append(table)
    return missed + [
        table
        for table, columns in WRITTEN.findall(sql)
        if table in tables and "shard" not in re.findall(WORD, columns)
    ]


@pytest.fixture
async def tables(connection):
    return {row[0] for row in await connection.fetch(TABLES)}


@pytest.mark.parametrize("name", BATCH)
async def test_every_hot_statement_names_the_shard_of_every_table(name, tables):
    assert without_shard(statement(name), tables) == []


@pytest.mark.parametrize("name", BATCH)
async def test_each_place_where_a_shard_is_named_is_needed(name, tables):
    """A checker that cannot fail proves nothing: take each comparison away in turn."""
    sql = plain(statement(name))
    places = list(re.finditer(rf"\b({WORD})\.shard = ", sql))
    assert places
    for place in places:
        changed = sql[: place.start()] + "0 = " + sql[place.end() :]
        alias = place[1]
        table = next((t for t, a in READ.findall(sql) if a == alias and t in tables), None)
        if table is not None and not re.search(rf"\b{alias}\.shard\s*=|=\s*{alias}\.shard\b", changed):
            assert table in without_shard(changed, tables)


@pytest.mark.parametrize("name", BATCH)
def test_no_hot_statement_computes_what_each_node_would_compute_otherwise(name):
    changes = re.findall(
        r"\b(?:UPDATE|DELETE)\b.*?(?=\), |\)\s*SELECT|\Z)", plain(statement(name)), re.DOTALL
    )
    assert not [word for change in changes for word in VOLATILE if word in change]


async def test_every_unique_key_of_an_account_begins_where_its_node_is_known(connection, tables):
    assert {"account", "holding", "license", "activation", "event", "personal", "seat", "reset"} <= tables
    keys = await connection.fetch(KEYS, sorted(tables))
    assert {row[0] for row in keys} == tables
    assert [row[1] for row in keys if "shard" not in row[2]] == []


async def test_foreign_keys_stay_on_the_node_or_point_to_what_all_nodes_have(connection, tables):
    rows = await connection.fetch(POINTS, sorted(tables))
    wrong = [
        (source, target)
        for source, target, columns in rows
        if target not in REFERENCE and (target not in tables or "shard" not in columns)
    ]
    assert rows
    assert wrong == []


def test_what_is_forgotten_is_found():
    tables = {"license", "event"}
    assert without_shard("SELECT 1 FROM license l WHERE l.license_id = $1", tables) == ["license"]
    assert without_shard("SELECT 1 FROM license WHERE license.shard = $1", tables) == []
    assert without_shard("INSERT INTO event (about, kind) SELECT 1", tables) == ["event"]
    assert without_shard("INSERT INTO event (shard, about) SELECT 1", tables) == []
    assert without_shard("UPDATE license l SET moves = 1 WHERE l.license_id = 1", tables) == ["license"]
    assert without_shard("SELECT 1 FROM product p", tables) == []
