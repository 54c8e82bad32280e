"""I2: many at once on what is scarce. Exactly as many win as there are licences."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from acceptance_api import REFUSALS, Account, Answer, Api, granted, refused
from acceptance_devices import device
from acceptance_making import MakeAccount
from acceptance_server import RealServer
from acceptance_times import within_one_hour, within_one_week

from activation.licensing.identifiers import ACTIVATION, LICENSE, account_of_login, from_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What an ended activation and its row in `reset` say of the reason (R1, R4, R7, R10).
RESET, BY_STAFF, RELEASED, MOVED = 1, 2, 3, 4


def both_workers(server: RealServer, before: dict[int, float]) -> bool:
    """Tell whether every worker has answered something since."""
    after = server.requests_by_worker()
    return all(after[pid] > before.get(pid, 0) for pid in server.workers())


async def current_of(database: asyncpg.Connection, account: Account) -> list[asyncpg.Record]:
    """Read an account's current activations: licence, slot, its device limit, and the device's name."""
    return await database.fetch(
        "SELECT a.license_id, a.slot, l.device_limit, p.value AS name FROM activation a"
        " JOIN license l USING (shard, license_id)"
        " LEFT JOIN personal p ON p.shard = a.shard AND p.subject = a.activation_id AND p.field = 6"
        " WHERE l.account_id = $1 AND a.ended_at IS NULL",
        account_of_login(account.login),
    )


async def test_i2_of_200_devices_on_one_licence_exactly_one_wins(
    server: RealServer, api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account, before = await new_account(1), server.requests_by_worker()
    answers = await asyncio.gather(*(api.activate(account, device()) for _ in range(200)))
    assert both_workers(server, before)
    winners = [answer for answer in answers if answer.status == 201]
    assert len(winners) == 1
    for answer in answers:
        if answer is not winners[0]:
            problem = refused(answer, "device_limit")
            assert problem["resets"] == {"available": True, "next_at": None}
            assert problem["since"]
    assert len(await current_of(database, account)) == 1


async def test_i2_of_60_devices_on_the_companys_50_licences_exactly_50_win(
    server: RealServer, api: Api, as_account: Callable[[str], Account], database: asyncpg.Connection
) -> None:
    company, before = as_account("company"), server.requests_by_worker()
    askers = [company if n % 2 else company.activator for n in range(60)]
    answers = await asyncio.gather(*(api.activate(asker, device()) for asker in askers))
    assert both_workers(server, before)
    assert Counter(answer.status for answer in answers) == {201: 50, 409: 10}
    won = [answer.json["license_id"] for answer in answers if answer.status == 201]
    assert sorted(won) == sorted(company.licenses)
    for answer in answers:
        if answer.status == 409:
            refused(answer, "device_limit")
    assert len(await current_of(database, company)) == 50


@pytest.mark.parametrize("seats", [16, 50])
async def test_i2_one_device_asking_16_times_at_once_takes_one_licence(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection, seats: int
) -> None:
    company, machine = await new_account(seats, rolled_out=True), device()
    await within_one_hour()
    answers = await asyncio.gather(*(api.activate(company, machine) for _ in range(16)))
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 15}
    assert len({answer.body for answer in answers}) == 1
    assert len(await current_of(database, company)) == 1


async def test_i2_of_100_resets_at_once_exactly_one_counts(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    await within_one_week()
    answers = await asyncio.gather(*(api.reset(account, account.licenses[0]) for _ in range(100)))
    counted = Counter(answer.json.get("code", "done") for answer in answers)
    assert counted["done"] == 1
    assert counted.keys() <= {"done", "reset_unused", "reset_limit"}
    license_id = from_text(LICENSE, account.licenses[0])
    assert await database.fetchval("SELECT count(*) FROM reset WHERE license_id = $1", license_id) == 1


async def test_i2_of_50_moves_at_once_exactly_one_counts(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    await within_one_week()
    answers = await asyncio.gather(*(api.activate(account, device(), move=True) for _ in range(50)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 49}
    for answer in answers:
        if answer.status == 409:
            refused(answer, "reset_limit")
    assert len(await current_of(database, account)) == 1


async def test_f6_a_client_that_hangs_up_and_asks_again_gets_one_activation(
    server: RealServer, api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account, chance = await new_account(40), random.Random(6)

    async def impatient() -> bytes:
        machine, bodies = device(), set()
        for _ in range(4):
            try:
                async with asyncio.timeout(chance.uniform(0, 0.02)):
                    bodies.add((await api.activate(account, machine)).body)
            except TimeoutError:
                continue
        answer = await api.activate(account, machine)
        assert answer.status in (200, 201), answer.body
        assert bodies <= {answer.body}
        return answer.body

    since = server.log_size()
    await within_one_hour()
    await asyncio.gather(*(impatient() for _ in range(40)))
    assert len(await current_of(database, account)) == 40
    assert [entry for entry in server.log(since) if entry["event"] != "refused"] == []


class Players:
    """Devices of one account that activate, move, renew, release and are reset, in any order."""

    def __init__(self, api: Api, account: Account, token: str, seed: int) -> None:
        self.api = api
        self.account = account
        self.activated: set[str] = set()
        self.answers: list[Answer] = []
        self._token = token
        self._chance = random.Random(seed)
        self._devices = [device() for _ in range(2 * len(account.licenses) + 2)]
        self._kept: dict[str, str] = {}
        self._deeds = (self._activate, self._activate, self._move, self._renew, self._release)
        self._deeds += (self._reset, self._reset_by_staff)

    async def play(self, rounds: int) -> None:
        for _ in range(rounds):
            deed = self._chance.choice(self._deeds)
            answer = await deed(self._chance.choice(self._devices))
            if answer is not None:
                self.answers.append(answer)

    async def _activate(self, machine: dict[str, Any]) -> Answer:
        return self._keep(machine, await self.api.activate(self.account, machine))

    async def _move(self, machine: dict[str, Any]) -> Answer:
        named = self._chance.choice(self.account.licenses)
        answer = await self.api.activate(self.account, machine, move=True, license_id=named)
        return self._keep(machine, answer)

    async def _renew(self, machine: dict[str, Any]) -> Answer | None:
        kept = self._kept.get(machine["name"])
        return None if kept is None else await self.api.renew(kept, machine)

    async def _release(self, machine: dict[str, Any]) -> Answer | None:
        kept = self._kept.get(machine["name"])
        return None if kept is None else await self.api.release(kept, machine)

    async def _reset(self, _machine: dict[str, Any]) -> Answer:
        return await self.api.reset(self.account, self._chance.choice(self.account.licenses))

    async def _reset_by_staff(self, _machine: dict[str, Any]) -> Answer:
        return await self.api.staff_reset(self._token, self._chance.choice(self.account.licenses))

    def _keep(self, machine: dict[str, Any], answer: Answer) -> Answer:
        if answer.status == 201:
            self.activated.add(answer.json["activation_id"])
        if answer.status in (200, 201):
            self._kept[machine["name"]] = answer.certificate
        return answer


async def test_i2_no_interleaving_breaks_a_rule(
    server: RealServer,
    api: Api,
    new_account: MakeAccount,
    tokens: dict[str, str],
    database: asyncpg.Connection,
) -> None:
    seats, before = (1, 1, 2, 3, 20, 40), server.requests_by_worker()
    games = [Players(api, await new_account(n), tokens["support"], seed) for seed, n in enumerate(seats)]
    await within_one_week(40)
    await asyncio.gather(*(game.play(40) for game in games for _ in range(8)))
    assert both_workers(server, before)
    for game in games:
        seen = Counter(answer.json.get("code", answer.status) for answer in game.answers)
        assert seen.keys() <= {200, 201, *REFUSALS} - {"unavailable", "overloaded", "malformed"}
        assert seen[201] > 0
        assert seen["reset_limit"] > 0, "too tame to show anything"
        await assert_lawful(database, game)


async def assert_lawful(database: asyncpg.Connection, game: Players) -> None:
    """Check in the database what promises 1 and 2 of assurance.md say, and R3."""
    current = await current_of(database, game.account)
    seats = Counter((row["license_id"], row["slot"]) for row in current)
    assert all(number == 1 for number in seats.values())
    assert all(row["slot"] < row["device_limit"] for row in current)
    names = Counter(row["name"] for row in current)
    assert all(number == 1 for number in names.values()), "one device on two licences"

    licenses = [from_text(LICENSE, one) for one in game.account.licenses]
    known = await database.fetch(
        "SELECT activation_id, ended_why FROM activation WHERE license_id = ANY($1)", licenses
    )
    acknowledged = {from_text(ACTIVATION, one) for one in game.activated}
    assert acknowledged == {row["activation_id"] for row in known}, "each 201 is one activation, and no more"

    resets = await database.fetch(
        "SELECT activation_id, license_id, why, note FROM reset WHERE license_id = ANY($1)", licenses
    )
    ended = {(row["activation_id"], row["ended_why"]) for row in known if row["ended_why"] is not None}
    assert sorted(ended) == sorted((row["activation_id"], row["why"]) for row in resets)
    own = Counter(row["license_id"] for row in resets if row["why"] in (RESET, MOVED))
    assert all(number == 1 for number in own.values()), "R3: once in a week"
    assert all(bool(row["note"]) == (row["why"] == BY_STAFF) for row in resets), "R4: why is recorded"
