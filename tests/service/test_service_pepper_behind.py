"""D5: a worker that has not read the newest pepper knows that, and answers 503, never a refusal."""

import time
from dataclasses import dataclass, replace

import pytest
from sample_staff import hire

from activation.app import open_desk, surroundings_of
from activation.licensing.overriding import OverrideState
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import Certified, activate
from activation.service.activating.holdings import list_holdings
from activation.service.desk import Desk
from activation.service.identity.identifying import TokenShown, identify
from activation.service.identity.signing_in import Shown, sign_in
from activation.service.peppering.keeping_up import PepperBehindError, now_knowing_pepper
from activation.service.purchasing.buyers import Buyer, find_or_make_account
from activation.service.resetting.resets import reset_own
from activation.service.working import act_as_system
from activation.storage.absence import DatabaseUnavailableError
from crypto.pepper import rotate_pepper


@dataclass
class Rotated:
    """A desk that uses the new pepper, and one whose machine's file has not come yet: `behind`."""

    office: object
    behind: Desk

    async def rotate(self) -> None:
        """Rotate; the other machine's file stays as it is until `arrive`."""
        self.behind.peppers._path = self.office.settings.pepper_file.with_name("old.json")
        self.behind.peppers._path.write_bytes(self.office.settings.pepper_file.read_bytes())
        self.behind.peppers._path.chmod(0o600)
        rotate_pepper(self.office.settings.pepper_file, int(time.time()))
        await self.office.desk.peppers.look()

    def arrive(self) -> None:
        self.behind.peppers._path = self.office.settings.pepper_file

    async def activate(self, made, name, desk=None):
        wish = self.office.wish(name)
        return await activate(desk or self.office.desk, self.office.caller(), made.login, made.password, wish)

    async def count(self, sql: str) -> int:
        return (await self.office.fetch(f"SELECT count(*) FROM {sql}"))[0][0]


@pytest.fixture
async def rotated(office, dsn):
    async with open_desk(office.settings, dsn) as other:
        yield Rotated(office, other)


def assert_later(done) -> None:
    assert isinstance(done, Refused), done
    assert done.code == "unavailable"


async def test_l4_a_large_holdings_device_gets_no_second_licence(rotated):
    made = await rotated.office.account(30)
    before = await rotated.activate(made, "m")
    await rotated.activate(made, "n")
    await rotated.rotate()
    await rotated.activate(made, "m")  # its seat is found by the new digests alone
    assert_later(await rotated.activate(made, "m", rotated.behind))
    assert await rotated.count("activation WHERE ended_at IS NULL") == 2
    rotated.arrive()
    done = await rotated.activate(made, "m", rotated.behind)
    assert isinstance(done, Certified), done
    assert done.activation.activation_id == before.activation.activation_id


async def test_a_re_keyed_password_is_not_wrong_and_counts_as_no_failure(rotated):
    office, behind = rotated.office, rotated.behind
    made = await office.account(3)
    first = await rotated.activate(made, "m")
    await rotated.rotate()
    await rotated.activate(made, "m")
    await office.desk.rekeying.flush(office.desk.pool)
    assert_later(await rotated.activate(made, "m", behind))
    assert_later(await list_holdings(behind, office.caller(), made.login, made.password))
    assert_later(
        await reset_own(behind, office.caller(), made.login, made.password, first.license.license_id)
    )
    assert_later(await sign_in(behind, office.caller(), Shown(made.login, made.password)))
    assert await rotated.count("allowance WHERE asked > 0") == 2  # the reset's: who asks, from where
    rotated.arrive()
    listed = await list_holdings(behind, office.caller(), made.login, made.password)
    assert len(listed.rows) == 3


async def test_a_re_keyed_token_is_not_unknown(rotated):
    desk, made = rotated.office.desk, await rotated.office.staff("support")
    await rotated.rotate()
    async with desk.pool.acquire() as connection:
        await identify(connection, desk, TokenShown(made.token), int(time.time()))
        await desk.rekeying.flush(desk.pool)
        with pytest.raises(PepperBehindError):
            await now_knowing_pepper(rotated.behind, connection)
        rotated.arrive()
        now = await now_knowing_pepper(rotated.behind, connection)
        person = await identify(connection, rotated.behind, TokenShown(made.token), now)
    assert person.person_id == made.user_id


async def test_nobody_who_is_signed_in_acts_there(rotated):
    agent = await hire(rotated.office, "support")
    there = replace(agent, desk=rotated.behind)
    await rotated.rotate()
    assert_later(await there.list(OverrideState.DONE))
    assert await rotated.count("allowance WHERE asked > 0") == 0
    rotated.arrive()
    assert await there.list(OverrideState.DONE) == await agent.list(OverrideState.DONE)


async def test_such_a_worker_says_that_it_is_not_ready(rotated):
    not_ready = surroundings_of(rotated.office.settings, rotated.behind).not_ready
    await rotated.rotate()
    assert "version 2 is in use" in await not_ready()
    rotated.arrive()
    assert await not_ready() == ""


async def test_c1_a_second_purchase_makes_no_second_account(rotated):
    async def buy(desk):
        return await act_as_system(
            desk, lambda work: find_or_make_account(work, Buyer("ann@example.com", "Ann"))
        )

    await rotated.rotate()
    first = await buy(rotated.office.desk)
    with pytest.raises(DatabaseUnavailableError):
        await buy(rotated.behind)
    rotated.arrive()
    assert (await buy(rotated.behind)).account_id == first.account_id
    assert await rotated.count("account") == 1


async def test_a_version_is_told_of_before_it_is_used_and_not_used_untold(rotated, monkeypatch):
    desk = rotated.office.desk
    rotate_pepper(rotated.office.settings.pepper_file, int(time.time()))

    async def away(version: int) -> None:
        raise DatabaseUnavailableError("away")

    announce = desk.peppers.announce
    monkeypatch.setattr(desk.peppers, "announce", away)
    await desk.peppers.look()
    assert (list(desk.peppers.known), desk.pepper_version) == ([2, 1], 1)
    assert await rotated.count("pepper_used WHERE version = 1") == 1
    monkeypatch.setattr(desk.peppers, "announce", announce)
    await desk.peppers.look()
    assert desk.pepper_version == 2
    assert await rotated.count("pepper_used WHERE version = 2") == 1


async def test_a_version_that_others_may_read_but_nobody_uses_puts_nobody_off(rotated):
    made = await rotated.office.account(1)
    rotate_pepper(rotated.office.settings.pepper_file, int(time.time()) + 600)
    await rotated.office.desk.peppers.look()
    for desk in (rotated.office.desk, rotated.behind):
        assert isinstance(await rotated.activate(made, "m", desk), Certified)
