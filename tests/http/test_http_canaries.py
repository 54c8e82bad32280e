"""I4: a thousand canaries through the whole server: none sings where it should not, nor after erasure."""

import hashlib
import io
import json
from ipaddress import ip_network

import asyncpg
import pytest
import structlog
from sample_canaries import MARK, NETWORK, Visits, all_of, seed
from sample_search import find_everywhere, spellings

from activation.http.wire.addresses import TrustedProxies
from activation.licensing.devices.enrolment import unpack
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.roles import Role
from activation.licensing.traces import SEES, FactKind
from activation.logs import name_exception
from activation.service.privacy.erasing import carry_out, enter, erase_account
from activation.service.privacy.ledger import Entry
from activation.service.privacy.previewing import preview_erasure
from activation.service.working import act_as_system
from activation.supervising.erasures import catch_up_with_erasures

COUNT = 1000
SOME = 40
"""So many also misbehave: each of them seven times."""
SINGS = spellings(MARK)
MAY_HOLD = {"personal.value"}
"""The one place for what people gave (G1); addresses stand in `event_address`."""


@pytest.fixture
def log():
    """What is logged, as it would be written."""
    out = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.add_log_level, name_exception, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    yield out
    structlog.reset_defaults()


async def staff_look(client, office, people):
    """Have every role look at canaries in every way, and return what each was told."""
    told = {}
    for role in ("admin", "sales", "support", "auditor"):
        token = (await office.staff(role)).token
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "198.51.100.9"}
        for one in people[:3]:
            for path in (
                f"/v1/staff/licenses?query={one.email}",
                f"/v1/staff/licenses?query={one.word('device')}",
                "/v1/staff/mails",
                f"/v1/staff/privacy/accounts/{to_text(ACCOUNT, one.account_id)}/erasure",
                f"/v1/staff/traces?account={one.login}",
            ):
                reply = await client.get(path, headers=headers)
                told[role, path] = await reply.text()
                for trace in json.loads(told[role, path]).get("traces", ()):
                    one_of = f"/v1/staff/traces/{trace['trace_id']}"
                    told[role, one_of] = await (await client.get(one_of, headers=headers)).text()
    return told


async def write_mails(office, people):
    async with office.desk.pool.acquire() as connection:
        await connection.executemany(
            "INSERT INTO mail (mail_id, subject, template, params, written_at, next_at)"
            " VALUES ($1, $1, 'account_made', '{}', 1, 1)",
            [(one.account_id,) for one in people],
        )


async def digests_held(connection):
    rows = await connection.fetch("SELECT enrolment FROM activation")
    return {one for row in rows for one in unpack(row[0]).digests()}


def guesses(people):
    """What somebody with a stolen dump and no pepper would try: each serial hashed plainly."""
    for one in people:
        for text in (one.word("serial"), one.word("serial").upper()):
            for bytes_ in (16, 32, 64):
                yield hashlib.blake2b(text.encode(), digest_size=bytes_).digest()[:16]
            yield hashlib.sha256(text.encode()).digest()[:16]
            yield hashlib.md5(text.encode()).digest()


async def whereabouts(dsn, word=MARK):
    connection = await asyncpg.connect(dsn)
    try:
        return await find_everywhere(connection, word)
    finally:
        await connection.close()


async def run_wild(client, office, people):
    """Everybody activates, some misbehave, mails are written, staff look; return visits and looks."""
    visits = Visits(client)
    await all_of(people, visits.activate)
    assert visits.statuses == {201: len(people)}
    await all_of(people[:SOME], visits.misbehave)
    await write_mails(office, people)
    while office.desk.traces.waiting:
        await office.desk.traces.flush(office.desk.pool)
    return visits, await staff_look(client, office, people)


def is_told_its_own_field(answer):
    """A malformed message's sender is told which field: the name that it sent itself (B5)."""
    return answer[2] == 400 and json.loads(answer[3]).get("field", "").startswith(MARK)


async def assert_nobody_quotes(client, visits, told, log):
    """Refusals, certificates, logs and metrics quote nobody; staff are told what their role may see."""
    quoting = [one for one in visits.answers if SINGS.search(one[3]) and not is_told_its_own_field(one)]
    assert quoting == []
    assert SINGS.search(log.getvalue()) is None
    metrics = await (await client.get("/metrics")).text()
    assert "activation_" in metrics
    assert SINGS.search(metrics) is None
    for (role, path), text in told.items():
        unseen = "/traces" in path and FactKind.CONTACT not in SEES.get(Role(role), ())
        if unseen or "/mails" in path or "/erasure" in path:
            assert SINGS.search(text) is None, (role, path)


async def assert_in_their_place(office, dsn, people):
    """In the database they stand in the one place, as text; digests are of no use without the pepper."""
    assert (await whereabouts(dsn)).keys() == MAY_HOLD
    assert (await whereabouts(dsn, f"{NETWORK}.")).keys() <= {"event_address.address"}
    assert await whereabouts(dsn, "3c:52:82:9a:") == {}
    async with office.desk.pool.acquire() as connection:
        held = await digests_held(connection)
    assert len(held) == 2 * len(people)
    assert held.isdisjoint(guesses(people))


async def erase_all(client, office, people):
    async def erase(one):
        async def run(work):
            preview = await preview_erasure(work, one.account_id)
            if one.number < SOME:
                return await erase_account(work, one.account_id, preview.shown)
            # The same without looking twice: there are a thousand.
            done = await carry_out(work, preview, "G3")
            await enter(work, [Entry(one.account_id, done.at)])
            return done

        done = await act_as_system(office.desk, run)
        assert (done.licenses, done.devices) == (1, 1)

    await all_of(people, erase)
    headers = {"Authorization": f"Bearer {(await office.staff('admin')).token}"}
    for one in people[:3]:
        path = f"/v1/staff/privacy/accounts/{to_text(ACCOUNT, one.account_id)}/data"
        assert SINGS.search(await (await client.get(path, headers=headers)).text()) is None


async def assert_forgotten(dsn):
    """Nothing of a canary is left: no word, no address, no digest of a device."""
    assert await whereabouts(dsn) == {}
    assert await whereabouts(dsn, f"{NETWORK}.") == {}
    connection = await asyncpg.connect(dsn)
    assert await digests_held(connection) == set()
    assert await connection.fetchval("SELECT count(*) FROM seat") == 0
    await connection.close()


async def test_i4_no_canary_sings_where_it_should_not_nor_after_erasure(office, serve, server, dsn, log):
    client = await serve(proxies=TrustedProxies((ip_network("127.0.0.0/8"),)))
    people = await seed(office, COUNT)
    visits, told = await run_wild(client, office, people)
    await assert_nobody_quotes(client, visits, told, log)
    await assert_in_their_place(office, dsn, people)
    backup = await server.back_up(dsn)
    try:
        await erase_all(client, office, people)
        await assert_forgotten(dsn)
        assert (await whereabouts(backup)).keys() == MAY_HOLD
        await catch_up_with_erasures(office.settings, backup)
        await assert_forgotten(backup)
    finally:
        await server.drop(backup)
    assert SINGS.search(log.getvalue() + office.settings.erasures_file.read_text()) is None
