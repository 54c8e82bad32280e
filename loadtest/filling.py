"""The demo's database filled: licences by the million with people, devices and histories behind them.

Accounts and licences come from `activation licenses seed`, the rest from filling.sql. Of the seeded licences
the first has a history of 10,000 events; the second's account is a company with 10,000 seats; the next 10,000
are the demo reseller's customers'.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final, TypeAlias

import asyncpg
from rich.progress import track

from activation.licensing.identifiers import LICENSE, account_of_login, shard_of, to_text
from loadtest.demonstration import Demo
from loadtest.devices import make_device
from loadtest.postgres import find_postgres
from loadtest.requests import ACTIVATIONS, basic_of
from loadtest.seeded import Seeded, load_seeded

FEWEST: Final = 20_000
"""Accounts: what filling.sql counts on."""
PART: Final = 20_000
SETTLE_S: Final = 300
MAJOR: Final = 5
_EACH_PART: Final = "-- [each part]"
TIMEOUT_S: Final = 600.0
_REASONS: Final = [
    "hardware_failure",
    "device_lost",
    "device_replaced",
    "reinstallation",
    "mistaken_activation",
    "other",
]
_CODES: Final = ["device_limit", "superseded", "no_license", "device_mismatch"]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
COUNTED: Final = ("license", "activation", "event", "personal", "pool_entry", "refusal_trace")
_FOUND: Final = (
    "SELECT license_id, p.value, e.value, d.value FROM numbered n"
    " JOIN personal p ON (p.shard, p.subject, p.field) = (n.shard, n.account_id, 1)"
    " JOIN personal e ON (e.shard, e.subject, e.field) = (n.shard, n.account_id, 3)"
    " JOIN personal d ON (d.shard, d.subject, d.field) = (n.shard, n.activation_id, 6)"
    " WHERE n.n <= 2 ORDER BY n.n"
)
_BEHIND: Final = (
    "SELECT EXISTS (SELECT FROM event WHERE xid >= coalesce((SELECT max(until_xid) FROM seal), 0))"
    " OR EXISTS (SELECT FROM event WHERE xid >= (SELECT until_xid FROM activity_counted))"
)
_GIVEN: Final = (
    "CREATE UNLOGGED TABLE given AS SELECT $1::bigint AS now, a.enrolment, a.pepper, l.product_id, l.major,"
    " s.staff_id, u.reseller_id, u.user_id, $2::text[] AS reasons, $3::text[] AS codes"
    " FROM license l JOIN activation a USING (shard, license_id), staff s, reseller_user u"
    " WHERE s.login = $4 AND u.login = $5 AND l.shard = $6 AND a.ended_at IS NULL AND l.account_id = $7"
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What there is now that is large, and ways to find one among all."""

    counts: dict[str, int]
    license: str
    login: str
    email: str
    device: str
    certificate: str = field(repr=False)
    company: dict[str, str] = field(repr=False)


def fill(demo: Demo, accounts: int) -> Filled:
    """Fill the demo's database with so many accounts of one licence each. At least FEWEST."""
    out = demo.folder / "seeded.json"
    words = ("--product", str(demo.told["product"]), "--major", str(MAJOR), "--accounts", str(accounts))
    demo.run("licenses", "seed", *words, "--out", str(out))
    seeded = load_seeded(out)
    certificate = _activate(demo, seeded, accounts - 1)
    return asyncio.run(_fill(demo, seeded, certificate))


def _activate(demo: Demo, seeded: Seeded, number: int) -> str:
    """Activate a device, as a softphone does; return its certificate. Its parts serve for all devices."""
    basic = basic_of(seeded.login(number), seeded.password(number))
    message = {"product": seeded.product, "version": seeded.version, "device": make_device(number)}
    request = urllib.request.Request(  # noqa: S310  (our own server)
        demo.base_url + ACTIVATIONS,
        json.dumps(message).encode(),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        return str(json.load(reply)["certificate"])


async def _fill(demo: Demo, seeded: Seeded, certificate: str) -> Filled:
    connection = await asyncpg.connect(find_postgres(demo.folder).dsn())
    try:
        logins = demo.person("support")["login"], demo.person("reseller")["login"]
        activated = account_of_login(seeded.login(seeded.accounts - 1))
        found = await write_rows(connection, *logins, activated, seeded.accounts)
        await _settle(connection)
        counts = {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in COUNTED}  # noqa: S608
    finally:
        await connection.close()
    return _describe(seeded, counts, found, certificate)


async def write_rows(
    connection: Connection, agent: str, reseller: str, activated: int, accounts: int
) -> Sequence[asyncpg.Record]:
    """Run filling.sql on so many accounts; return of the first two: licence, login, e-mail, device.

    Agent and reseller are named by a login; the device of the account `activated` serves for all.
    """
    given = (int(time.time()), _REASONS, _CODES, agent, reseller, shard_of(activated), activated)
    await connection.execute(_GIVEN, *given)
    found: Sequence[asyncpg.Record] = []
    for statement in files("loadtest").joinpath("filling.sql").read_text("utf-8").split(";\n\n"):
        if "DROP TABLE numbered" in statement:
            found = await connection.fetch(_FOUND)
        await _run(connection, statement, accounts)
    return found


async def _run(connection: Connection, statement: str, accounts: int) -> None:
    if _EACH_PART not in statement:
        await connection.execute(statement, timeout=TIMEOUT_S)
        return
    told = statement.partition(_EACH_PART)[2].strip().split(maxsplit=3)[:3]
    for first in track(range(1, accounts + 1, PART), " ".join(told), transient=True):
        await connection.execute(statement, first, first + PART - 1, timeout=TIMEOUT_S)


async def _settle(connection: Connection) -> None:
    """Wait until the jobs process has sealed and counted all that was written, and the tables are tidy."""
    for _ in range(SETTLE_S):
        if not await connection.fetchval(_BEHIND, timeout=TIMEOUT_S):
            break
        await asyncio.sleep(1)
    await connection.execute("VACUUM (ANALYZE)", timeout=TIMEOUT_S)


def _describe(
    seeded: Seeded, counts: dict[str, int], found: Sequence[asyncpg.Record], certificate: str
) -> Filled:
    (license_id, login, email, device), (_, company, _, _) = found
    password = seeded.password(int(company.rpartition("-")[2]))
    return Filled(
        counts,
        to_text(LICENSE, license_id),
        login,
        email,
        device,
        certificate,
        {"login": company, "password": password},
    )
