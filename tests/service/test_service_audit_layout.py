"""Anybody can derive a seal's root from the rows, by docs/audit.md alone; no session setting touches it."""

import json
import struct
from datetime import UTC, datetime

import pytest
from sample_audit import write

from activation.licensing.events import Actor, Event, EventKind
from activation.service.auditing.sealing import Pace, seal_some
from activation.storage.events import add_events
from crypto.merkle import MerkleTree, hash_leaf

INT8, INT2, TIME, TEXT, BYTES = 20, 21, 1184, 25, 17
COLUMNS = (
    ("xid", INT8),
    ("shard", INT2),
    ("about", INT8),
    ("event_id", INT8),
    ("happened", TIME),
    ("kind", INT2),
    ("actor", INT2),
    ("actor_id", INT8),
    ("role", INT2),
    ("activation_id", INT8),
    ("rule", TEXT),
    ("trace_id", TEXT),
    ("details", BYTES),
    ("address_digest", BYTES),
)
SETTINGS = (
    "SET client_encoding = 'LATIN1'",
    "SET timezone = 'Pacific/Chatham'",
    "SET datestyle = 'German, DMY'",
    "SET bytea_output = 'escape'",
    "SET intervalstyle = 'iso_8601'",
    "SET extra_float_digits = 0",
    "SET standard_conforming_strings = on",
)


def leaf(row) -> bytes:
    written = struct.pack(">i", len(COLUMNS))
    for name, oid in COLUMNS:
        value = encode(oid, row[name])
        written += struct.pack(">Ii", oid, -1 if value is None else len(value)) + (value or b"")
    return written


def encode(oid: int, value) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, datetime):
        passed = value - datetime(2000, 1, 1, tzinfo=UTC)
        return struct.pack(">q", (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds)
    return struct.pack(">q" if oid == INT8 else ">h", value)


@pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
async def test_a_root_is_derived_from_the_rows_alone(office):
    await write(office, 9)
    details = json.dumps({"word": "Žluťoučký kůň 馬", "z": [1.50, None, True], "a": '\u2028 " \\ \n'})
    odd = Event(office.ids.new(3), office.ids.new(3), EventKind.RESET, Actor.OWNER, "", "", -1, None, details)
    async with office.desk.pool.acquire() as connection:
        await add_events(connection, [odd])
        rows = await connection.fetch(
            "SELECT xid, shard, about, event_id, happened, kind, actor, actor_id, role, activation_id, rule,"
            " trace_id, details::text, address_digest FROM event ORDER BY xid, shard, about, event_id"
        )
        for setting in SETTINGS:
            await connection.execute(setting)
        async with connection.transaction():
            sealed = await seal_some(connection, office.desk, Pace(width=1 << 20))
    assert sealed.seal.events == len(rows) == 10
    tree = MerkleTree()
    for row in rows:
        tree.add_many(hash_leaf(leaf(row)))
    assert await office.fetch("SELECT root FROM seal") == [(tree.root(),)]
