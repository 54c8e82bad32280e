"""A log of a few sealed events, and the ways in which somebody with the database may change it."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refused
from activation.service.auditing.checkpoints import Checkpoint
from activation.service.auditing.following import Trust
from activation.service.auditing.sealing import Pace, last_of, seal_some
from activation.service.auditing.whence import note_whence
from activation.storage.auditing.seals import list_seals
from activation.storage.events import add_events
from crypto.seals import read_seal


def make_event(office, n: int) -> Event:
    """Return an event; each third is a person's, with an address."""
    shard = n % 7
    about, event_id = office.ids.new(shard), office.ids.new(shard)
    if n % 3:
        details = None if n % 2 else '{"reason": "mistaken_activation"}'
        return Event(
            about, event_id, EventKind.RESET, Actor.OWNER, "R1", "7kq2-m4xd", None, event_id, details
        )
    whence = note_whence(office.desk.secrets.audit, event_id, f"192.0.2.{n % 250}", 1_800_000_000)
    return Event(
        about,
        event_id,
        EventKind.LOOKED,
        Actor.STAFF,
        "G6",
        "7kq2-m4xd",
        4711,
        None,
        '{"act": "licenses.see", "fields": ["login"]}',
        Role.SUPPORT,
        whence,
    )


async def write(office, count: int) -> None:
    """Append events in one transaction."""
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await add_events(connection, [make_event(office, n) for n in range(count)])


async def seal_all(office, most_events: int = 50_000) -> int:
    """Seal what is complete; return how many events were."""
    pace, sealed, more = Pace(width=1 << 20, most_events=most_events), 0, True
    while more:
        async with office.desk.pool.acquire() as connection, connection.transaction():
            done = await seal_some(connection, office.desk, pace)
        assert not isinstance(done, Refused), done
        sealed += 0 if done.seal is None else done.seal.events
        more = done.more
    return sealed


@dataclass
class Intruder:
    """Somebody with the database, and no key; what is done lasts until the transaction ends."""

    connection: Any
    chance: random.Random
    checkpoints: dict[int, Checkpoint]
    last_seal: int
    until_xid: int
    trust: Trust
    done: str = field(default="")

    async def disarm(self) -> None:
        """Take away what keeps the tables as they are, as their owner may."""
        await self.connection.execute(
            "ALTER TABLE event DISABLE TRIGGER USER; ALTER TABLE seal DISABLE TRIGGER USER"
        )

    async def event(self) -> tuple[int, int, int]:
        rows = await self.connection.fetch(
            "SELECT shard, about, event_id FROM event WHERE xid < $1 ORDER BY 1, 2, 3", self.until_xid
        )
        return tuple(self.chance.choice(rows))

    async def edit_event(self) -> None:
        column, other = self.chance.choice(_EVENT_EDITS)
        key = await self.event()
        self.done = f"{column} of {key} becomes {other}"
        await self.connection.execute(
            f"UPDATE event SET {column} = {other} WHERE shard = $1 AND about = $2 AND event_id = $3",
            *key,
        )

    async def delete_event(self) -> None:
        key = await self.event()
        self.done = f"{key} is deleted"
        await self.connection.execute(
            "DELETE FROM event WHERE shard = $1 AND about = $2 AND event_id = $3", *key
        )

    async def add_event(self) -> None:
        key = await self.event()
        moved = self.chance.choice(["about + 1, event_id", "about, event_id + 1"])
        self.done = f"{key} is doubled as {moved}"
        await self.connection.execute(
            "INSERT INTO event (about, event_id, happened, actor_id, activation_id, shard, kind, actor, rule,"
            f" trace_id, details, role, address_digest, xid) SELECT {moved}, happened, actor_id,"
            " activation_id, shard, kind, actor, rule, trace_id, details, role, address_digest, xid"
            " FROM event WHERE shard = $1 AND about = $2 AND event_id = $3",
            *key,
        )

    async def swap_events(self) -> None:
        """Let two events of one shard change places, or what they say."""
        column = self.chance.choice(["xid", "event_id", "happened", "activation_id"])
        self.done = f"two events change their {column}"
        await self.connection.execute(
            f"WITH two AS (SELECT a.shard, a.about AS one, b.about AS other, a.{column} AS mine,"
            f" b.{column} AS its FROM event a JOIN event b ON b.shard = a.shard AND b.about > a.about"
            f" AND b.{column} <> a.{column} WHERE a.xid < $1 AND b.xid < $1"
            " ORDER BY hashint8(a.about # $2), hashint8(b.about # $2) LIMIT 1)"
            f" UPDATE event e SET {column} = CASE WHEN e.about = one THEN its ELSE mine END FROM two"
            " WHERE e.shard = two.shard AND e.about IN (one, other)",
            self.until_xid,
            self.chance.getrandbits(62),
        )

    async def edit_seal(self) -> None:
        column, other = self.chance.choice(_SEAL_EDITS)
        number = self.chance.randint(1, self.last_seal)
        self.done = f"{column} of seal {number} becomes {other}"
        await self.connection.execute(
            f"UPDATE seal SET {column} = {other} WHERE number = $1",
            number,
        )

    async def delete_seal(self) -> None:
        number = self.chance.randint(1, self.last_seal - 1)
        self.done = f"seal {number} is deleted"
        await self.connection.execute("DELETE FROM seal WHERE number = $1", number)

    async def swap_seals(self) -> None:
        first, second = self.chance.sample(range(1, self.last_seal + 1), 2)
        self.done = f"seals {first} and {second} change places"
        await self.connection.execute("UPDATE seal SET number = -1 WHERE number = $1", first)
        await self.connection.execute("UPDATE seal SET number = $1 WHERE number = $2", first, second)
        await self.connection.execute("UPDATE seal SET number = $1 WHERE number = -1", second)

    async def forget_the_end(self) -> None:
        """Delete the last seals, and their events or not: only a checkpoint tells."""
        first = self.chance.randint(1, self.last_seal)
        with_events = self.chance.random() < 0.5
        self.done = f"seals from {first} are deleted, {'with' if with_events else 'without'} their events"
        rows = await self.connection.fetch("DELETE FROM seal WHERE number >= $1 RETURNING from_xid", first)
        if with_events:
            await self.connection.execute("DELETE FROM event WHERE xid >= $1", min(row[0] for row in rows))

    async def edit_address(self) -> None:
        change = self.chance.choice(
            [
                "UPDATE event_address SET address = address || '1'",
                "UPDATE event_address SET address = '198.51.100.9'",
                "UPDATE event_address SET event_id = event_id + 1",
                "INSERT INTO event_address VALUES (1, 0, 1, '192.0.2.1') ON CONFLICT DO NOTHING",
            ]
        )
        self.done = change
        if change.startswith("UPDATE"):
            change += (
                " WHERE event_id = (SELECT event_id FROM event_address ORDER BY hashint8(event_id #"
                f" {self.chance.getrandbits(62)}) LIMIT 1)"
            )
        await self.connection.execute(change)

    def ways(self) -> list[Callable[[], Awaitable[None]]]:
        """Return what may be done, the more likely the more often."""
        often = [self.edit_event, self.delete_event, self.add_event, self.swap_events, self.edit_seal]
        return [*often, *often, self.delete_seal, self.swap_seals, self.forget_the_end, self.edit_address]


_EVENT_EDITS = (
    ("about", "about + 1"),
    ("event_id", "event_id + 1"),
    ("happened", "happened + interval '1 microsecond'"),
    ("happened", "happened - interval '1 day'"),
    ("actor_id", "coalesce(actor_id, 0) + 1"),
    ("actor_id", "CASE WHEN actor_id IS NULL THEN 0 END"),
    ("activation_id", "coalesce(activation_id, 0) + 1"),
    ("shard", "shard + 1"),
    ("kind", "kind + 1"),
    ("actor", "actor + 1"),
    ("rule", "rule || '1'"),
    ("rule", "''"),
    ("trace_id", "upper(trace_id)"),
    ("details", "coalesce(details, '{}') || '{\"more\": 1}'"),
    ("details", "CASE WHEN details IS NULL THEN 'null'::jsonb END"),
    ("role", "coalesce(role, 0) + 1"),
    ("role", "CASE WHEN role IS NULL THEN 0 END"),
    ("address_digest", "coalesce(address_digest, '') || '\\x00'::bytea"),
    ("address_digest", "CASE WHEN address_digest IS NULL THEN ''::bytea END"),
    ("xid", "xid + 1"),
    ("xid", "xid - 1"),
    ("xid", "-1"),
    ("xid", "xid + 1000000"),
)
_SEAL_EDITS = (
    ("from_xid", "from_xid + 1"),
    ("until_xid", "until_xid - 1"),
    ("events", "events + 1"),
    ("root", "sha256(root)"),
    ("before", "sha256(before)"),
    ("sealed_at", "sealed_at - 3600"),
    ("signed", "overlay(signed placing 'A' from 200) || ''"),
    ("signed", "'nothing'"),
    ("signed", "signed || 'é'"),
    ("delegation", "'clé'"),
    ("signed", "(SELECT s.signed FROM seal s WHERE s.number <> seal.number ORDER BY s.number LIMIT 1)"),
    ("delegation", "signed"),
    ("delegation", "replace(delegation, '.', '')"),
    ("number", "number + 1000"),
)


async def gather_checkpoints(connection) -> dict[int, Checkpoint]:
    """Return all seals as they would have been exported."""
    rows = await list_seals(connection, 0, 10_000)
    return {row.number: Checkpoint(read_seal(row.signed), row.signed) for row in rows}


async def let_in(office, connection, seed: int) -> Intruder:
    """Return somebody who may change the log of this office."""
    rows = await list_seals(connection, 0, 10_000)
    ring = office.desk.maker.ring
    return Intruder(
        connection,
        random.Random(seed),
        await gather_checkpoints(connection),
        rows[-1].number,
        last_of(rows[-1]).until_xid,
        Trust(ring.roots, frozenset(), [office.desk.secrets.audit]),
    )
