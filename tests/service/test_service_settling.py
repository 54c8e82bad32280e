"""One batch against a real database: races, refused rows, lost answers and a database that is away."""

import asyncio
import itertools
from dataclasses import replace

import asyncpg
import pytest
from licensing.sample_holdings import SHARD, device, make_license
from storage.sample_accounts import add_holding, ask_for

from activation.licensing.attempts import Activate, By, Reset
from activation.licensing.identifiers import make_id
from activation.licensing.verdicts import Granted, Refused
from activation.licensing.weeks import ResetWeek
from activation.service.batching import settling
from activation.service.batching.settling import Case, Settled, Settlement
from activation.service.batching.telling import Teller
from activation.service.credentials import make_credential
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.pool import close_pool, open_pool
from activation.storage.reading import Ask

_numbers = itertools.count(1)


def new_id():
    return make_id(SHARD, 1_000_000 + next(_numbers))


def activation(account_id, name, *, move=False, named=None, credential=None):
    attempt = Activate(
        By.OWNER, 5, device(name), "standard/1", new_id(), new_id(), f"the {name}", move, named
    )
    return Case(attempt, ask_for(account_id, name, named=named), Teller(new_id, "trace"), credential)


def reset(license_id):
    attempt = Reset(By.STAFF, license_id, new_id(), None, 77, "other", "because")
    return Case(attempt, Ask(license_id=license_id), Teller(new_id, "trace"))


def verdict_of(settled):
    assert isinstance(settled, Settled), settled
    return settled.verdict


def license_id_of(account, number):
    return make_id(SHARD, account * 1000 + number)


async def truth(connection):
    """Current activations by licence, and how many events there are: what really is."""
    rows = await connection.fetch("SELECT license_id, activation_id FROM activation WHERE ended_at IS NULL")
    return {row[0]: row[1] for row in rows}, await connection.fetchval("SELECT count(*) FROM event")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(settling, "PAUSE_S", 0.0)


@pytest.fixture
def settlement(pool):
    return Settlement(pool, ResetWeek(), 1)


async def test_one_batch_decides_in_order(settlement, connection):
    account_id = await add_holding(connection, 2)
    names = ("a", "b", "a", "c")
    cases = [activation(account_id, name) for name in names]
    a, b, again, c = [verdict_of(settled) for settled in await settlement.settle(cases)]
    assert (a.rule, b.rule, again.rule, c.code) == ("L1", "L1", "L2", "device_limit")
    assert again.activation.activation_id == a.activation.activation_id
    current, events = await truth(connection)
    assert set(current.values()) == {a.activation.activation_id, b.activation.activation_id}
    assert events == 2


async def test_what_changes_nothing_writes_nothing(settlement, connection):
    account_id = await add_holding(connection, 1)
    await settlement.settle([activation(account_id, "a")])
    before = await connection.fetch("SELECT xmin, ctid, * FROM holding")
    for _ in range(3):
        assert verdict_of((await settlement.settle([activation(account_id, "a")]))[0]).rule == "L2"
    assert await connection.fetch("SELECT xmin, ctid, * FROM holding") == before


@pytest.mark.parametrize("licenses", [7, 20])
async def test_many_at_once_on_two_settlements_never_share_a_licence(dsn, connection, licenses):
    account_id = await add_holding(connection, licenses)
    pools = [await open_pool(dsn, 4) for _ in range(2)]
    settlements = [Settlement(pool, ResetWeek(), 1) for pool in pools]
    cases = [activation(account_id, f"pc{n}") for n in range(licenses + 5)]
    batches = [(settlements[n % 2], cases[n * 3 : n * 3 + 3]) for n in range(-(-len(cases) // 3))]
    settled = await asyncio.gather(*[each.settle(batch) for each, batch in batches])
    verdicts = [verdict_of(one) for batch in settled for one in batch]
    given = [verdict for verdict in verdicts if isinstance(verdict, Granted)]
    refused = [verdict.code for verdict in verdicts if isinstance(verdict, Refused)]
    assert refused == ["device_limit"] * 5
    assert len({verdict.license.license_id for verdict in given}) == licenses
    current, events = await truth(connection)
    assert current == {one.license.license_id: one.activation.activation_id for one in given}
    assert events == licenses
    for pool in pools:
        await close_pool(pool)


async def test_one_device_on_two_settlements_at_once_takes_one_licence(dsn, connection):
    pools = [await open_pool(dsn, 2) for _ in range(2)]
    settlements = [Settlement(pool, ResetWeek(), 1) for pool in pools]
    for account in range(1, 9):
        account_id = await add_holding(connection, 2, account)
        cases = [activation(account_id, "laptop") for _ in settlements]
        settled = await asyncio.gather(
            *[each.settle([case]) for each, case in zip(settlements, cases, strict=True)]
        )
        one, other = [verdict_of(batch[0]) for batch in settled]
        assert {one.rule, other.rule} == {"L1", "L2"}
        assert one.activation.activation_id == other.activation.activation_id
    for pool in pools:
        await close_pool(pool)


async def test_a_lost_race_is_decided_again(settlement, connection, monkeypatch):
    """Another takes the only licence between our read and our write: what was a yes becomes a no."""
    account_id = await add_holding(connection, 1)
    read, first = settling.read_holdings, [activation(account_id, "quick")]

    async def read_then_lose(lent, asks, shift_s):
        facts = await read(lent, asks, shift_s)
        if first:
            quick = [first.pop()]
            assert isinstance(verdict_of((await settlement.settle(quick))[0]), Granted)
        return facts

    monkeypatch.setattr(settling, "read_holdings", read_then_lose)
    slow = await settlement.settle([activation(account_id, "slow")])
    assert verdict_of(slow[0]).code == "device_limit"
    assert (await truth(connection))[1] == 1


@pytest.mark.parametrize("races", [1, 2, 7, 8])
async def test_races_are_lost_so_often_and_no_more(settlement, connection, monkeypatch, races):
    """From the third try on the holding is locked, so nobody can come between any more."""
    account_id = await add_holding(connection, 1)
    read, reads, locks = settling.read_holdings, [], []
    lock = settling.lock_holdings

    async def count_locks(lent, asks):
        locks.append(len(reads))
        await lock(lent, asks)

    async def read_then_lose(lent, asks, shift_s):
        facts = await read(lent, asks, shift_s)
        reads.append(facts)
        if len(reads) <= races:
            bump = connection.execute("UPDATE holding SET version = version + 1")
            if locks:  # it has to wait for our lock: let it be, and lose it ourselves instead
                bump.close()
                facts.holdings[0].version -= 1
            else:
                await bump
        return facts

    monkeypatch.setattr(settling, "read_holdings", read_then_lose)
    monkeypatch.setattr(settling, "lock_holdings", count_locks)
    (settled,) = await settlement.settle([activation(account_id, "a")])
    if races < settling.TRIES:
        assert verdict_of(settled).rule == "L1"
        assert len(reads) == races + 1
    else:
        assert isinstance(settled, DatabaseUnavailableError)
        assert len(reads) == settling.TRIES
        assert (await truth(connection)) == ({}, 0)
    assert locks == list(range(2, len(reads)))


def intrude(monkeypatch, connection, license_id):
    """Put a current activation by hand into a licence's slot behind the first read's back."""
    read, intrusions = settling.read_holdings, [license_id]

    async def read_then_intrude(lent, asks, shift_s):
        facts = await read(lent, asks, shift_s)
        if intrusions and any(
            holding is not None and license_id in holding.licenses for holding in facts.holdings
        ):
            intrusions.pop()
            await connection.execute(
                "INSERT INTO activation (activation_id, license_id, activated_at, shard, slot, pepper,"
                " enrolment) VALUES ($1, $2, 1, $3, 0, 1, $4)",
                new_id(),
                license_id,
                SHARD,
                b"\x01\x0astandard/1\x01\x11" + bytes(16) + b"\x00",
            )
        return facts

    monkeypatch.setattr(settling, "read_holdings", read_then_intrude)


async def test_a_row_that_the_index_refuses_leaves_the_others_settled(settlement, connection, monkeypatch):
    ids = [await add_holding(connection, 1, account) for account in (1, 2, 3)]
    intrude(monkeypatch, connection, license_id_of(2, 1))
    settled = await settlement.settle([activation(account_id, "a") for account_id in ids])
    assert [getattr(verdict_of(one), "rule", None) for one in settled] == ["L1", "L4", "L1"]
    assert verdict_of(settled[1]).code == "device_limit"
    current, events = await truth(connection)
    assert set(current) == {license_id_of(account, 1) for account in (1, 2, 3)}
    assert events == 2


async def test_a_row_that_the_index_refuses_in_a_batch_of_one_is_decided_again(
    settlement, connection, monkeypatch
):
    account_id = await add_holding(connection, 2)
    intrude(monkeypatch, connection, license_id_of(1, 1))
    (settled,) = await settlement.settle([activation(account_id, "a")])
    assert verdict_of(settled).license.license_id == license_id_of(1, 2)


async def test_a_case_that_is_refused_for_ever_hurts_no_other(settlement, connection):
    """Its id is taken already, and will be at every try."""
    ids = [await add_holding(connection, 1, account) for account in (1, 2, 3)]
    first = activation(ids[0], "a")
    await settlement.settle([first])
    doomed = activation(ids[1], "b")
    doomed.attempt = replace(doomed.attempt, activation_id=first.attempt.activation_id)
    failed, settled = await settlement.settle([doomed, activation(ids[2], "c")])
    assert isinstance(failed, DatabaseUnavailableError)
    assert verdict_of(settled).rule == "L1"
    assert (await truth(connection))[1] == 2


async def test_a_refused_batch_never_settles_one_case_by_anothers_event(settlement, connection, monkeypatch):
    """Two cases of one holding, asked for in two ways, in a batch that is taken back and tried apart.

    What the second was told must have happened, though the first's event is in the log by then.
    """
    first, other = await add_holding(connection, 2, 1), await add_holding(connection, 1, 2)
    await settlement.settle([activation(first, "old")])
    intrude(monkeypatch, connection, license_id_of(2, 1))
    cases = [activation(first, "new"), reset(license_id_of(1, 1)), activation(other, "x")]
    bound, freed, _ = [verdict_of(settled) for settled in await settlement.settle(cases)]
    assert (bound.rule, freed.rule) == ("L1", "R4")
    current, _ = await truth(connection)
    assert current[license_id_of(1, 2)] == bound.activation.activation_id
    assert license_id_of(1, 1) not in current
    assert await connection.fetchval("SELECT count(*) FROM reset") == 1


def lose_answers(monkeypatch, times, *, made=True):
    """Let the write happen, or not, and lose its answer on the way."""
    write, left = settling.write_changes, [None] * times

    async def write_and_lose(lent, writes, pepper):
        written = await write(lent, writes, pepper) if made or not left else None
        if left:
            left.pop()
            raise asyncpg.ConnectionDoesNotExistError("the answer was lost")
        return written

    monkeypatch.setattr(settling, "write_changes", write_and_lose)


async def test_a_write_whose_answer_was_lost_is_found_by_its_event(settlement, connection, monkeypatch):
    account_id = await add_holding(connection, 2)
    lose_answers(monkeypatch, 1)
    cases = [activation(account_id, "a"), activation(account_id, "b"), activation(account_id, "a")]
    a, b, again = [verdict_of(settled) for settled in await settlement.settle(cases)]
    # As if nothing had been lost: fresh, and not "the same device again".
    assert (a.rule, a.fresh, b.rule, again.rule) == ("L1", True, "L1", "L2")
    current, events = await truth(connection)
    assert current == {
        a.license.license_id: a.activation.activation_id,
        b.license.license_id: b.activation.activation_id,
    }
    assert events == 2


async def test_a_reset_whose_answer_was_lost_is_not_refused_as_unused(settlement, connection, monkeypatch):
    account_id = await add_holding(connection, 1)
    await settlement.settle([activation(account_id, "a")])
    lose_answers(monkeypatch, 1)
    (settled,) = await settlement.settle([reset(license_id_of(1, 1))])
    assert verdict_of(settled).rule == "R4"
    assert await connection.fetchval("SELECT count(*) FROM reset") == 1


async def test_a_write_that_was_never_made_is_made_again(settlement, connection, monkeypatch):
    account_id = await add_holding(connection, 1)
    lose_answers(monkeypatch, 5, made=False)
    (settled,) = await settlement.settle([activation(account_id, "a")])
    assert verdict_of(settled).fresh
    assert (await truth(connection))[1] == 1


async def test_a_database_that_is_away_is_given_up_after_so_many_tries(settlement, pool, monkeypatch):
    tries = []

    async def away(_lent, asks, _shift_s):
        tries.append(len(asks))
        raise ConnectionRefusedError("away")

    monkeypatch.setattr(settling, "read_holdings", away)
    settled = await settlement.settle(
        [activation(make_id(SHARD, 1), "a"), activation(make_id(SHARD, 2), "b")]
    )
    assert [type(one) for one in settled] == [DatabaseUnavailableError] * 2
    assert tries == [2] * settling.TRIES
    assert pool.get_idle_size() == pool.get_size()


async def test_a_closed_pool_is_given_up_too(dsn):
    pool = await open_pool(dsn, 1)
    settlement = Settlement(pool, ResetWeek(), 1)
    await close_pool(pool)
    (settled,) = await settlement.settle([activation(make_id(SHARD, 1), "a")])
    assert isinstance(settled, DatabaseUnavailableError)


async def test_a_wrong_credential_is_refused_whatever_stands_behind_it(settlement, connection):
    account_id = await add_holding(connection, 1)
    wrong = make_credential(bytes(32), "anna", "wrong")
    cases = [
        activation(account_id, "a", credential=wrong),
        activation(make_id(SHARD, 9), "a", credential=wrong),
    ]
    for settled in await settlement.settle(cases):
        assert verdict_of(settled).code == "credentials"
    assert await truth(connection) == ({}, 0)


async def test_a_licence_that_is_nobodys_is_not_found(settlement, connection):
    await add_holding(connection, 1)
    cases = [reset(make_license(5).license_id), Case(reset(1).attempt, Ask(), Teller(new_id, "t"))]
    for settled in await settlement.settle(cases):
        assert verdict_of(settled).code == "not_found"


async def test_nothing_asked_is_nothing_answered(settlement):
    assert await settlement.settle([]) == []
