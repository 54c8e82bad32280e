"""How often: who is limited, by what, and what happens when nobody can tell."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from activation.licensing.verdicts import Refusal, Refused
from activation.service import scheduled
from activation.service.activating.activations import Certified, activate
from activation.service.activating.asking import refuse_wrong
from activation.service.activating.holdings import list_holdings
from activation.service.limiting import limiter
from activation.service.limiting.limiter import Claim, Limiter, Limits, Pair
from activation.service.limiting.limits import count_failure, network_of, spend
from activation.service.resetting.resets import reset_own
from activation.storage import allowances
from activation.storage.allowances import Limit

ONE = Limit("one", 1, 60.0)


async def fail(office, account_id=1, address="192.0.2.1"):
    return await count_failure(office.desk, account_id, address)


@asynccontextmanager
async def nobody_can_tell(office, monkeypatch):
    """The limiter's table is locked by somebody, and all else works."""
    monkeypatch.setattr(allowances, "PATIENCE_S", 0.1)
    monkeypatch.setattr(limiter, "PATIENCE_S", 0.2)
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE allowance IN ACCESS EXCLUSIVE MODE")
        yield


def test_the_limits_are_the_published_ones():
    limits = Limits()
    assert limits.failed.each == Limit("failed_login", 10, 60.0)
    assert limits.failed.address == Limit("failed_address", 300, 0.1)
    assert limits.resets == Pair(Limit("resets", 30, 120.0), Limit("resets_address", 300, 12.0))
    assert limits.offline == Pair(Limit("offline", 30, 120.0), Limit("offline_address", 300, 12.0))
    assert limits.links == Pair(Limit("links", 3, 1200.0), Limit("links_address", 20, 180.0))


async def test_ten_failures_then_one_a_minute_for_a_login(office):
    waits = [await fail(office, address=f"192.0.2.{n}") for n in range(12)]
    assert waits[:10] == [None] * 10
    assert all(59 <= wait <= 60 for wait in waits[10:])
    assert await fail(office, account_id=2) is None
    office.desk.clock.shift_s += 60
    assert await fail(office) is None
    assert await fail(office) is not None


async def test_three_hundred_failures_then_ten_a_second_for_an_address(office):
    waits = await asyncio.gather(*(fail(office, account_id=n) for n in range(302)))
    assert sum(wait is None for wait in waits) in (300, 301)  # one more if that took a tenth of a second
    assert max(wait or 0 for wait in waits) == 1
    assert await fail(office, account_id=999, address="192.0.2.2") is None


@pytest.mark.parametrize(
    ("addresses", "limited"),
    [
        (["2001:db8:1::1", "2001:db8:1:ffff::2"], True),
        (["2001:db8:1::1", "2001:db8:2::1"], False),
        (["192.0.2.1", "::ffff:192.0.2.1"], True),
        (["192.0.2.1", "192.0.2.2"], False),
    ],
)
async def test_an_address_or_its_48_has_a_limit_of_its_own(office, addresses, limited):
    office.desk.limits = Limits(failed=Pair(Limit("failed_login", 10, 60.0), Limit("few", 20, 60.0)))
    assert [await fail(office, account_id=n, address=addresses[0]) for n in range(20)] == [None] * 20
    assert (await fail(office, account_id=99, address=addresses[1]) is not None) == limited


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:1::", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::1", "::/48"),
    ],
)
def test_what_counts_as_one_address(address, network):
    assert network_of(address) == network


async def test_a_wrong_token_counts_for_its_address_alone(office):
    office.desk.limits = Limits(failed=Pair(ONE, Limit("few", 2, 60.0)))
    assert [await fail(office, account_id=None) is None for _ in range(3)] == [True, True, False]
    assert [row[0] for row in await office.fetch("SELECT count(*) FROM allowance")] == [1]


async def test_what_is_counted_is_kept_under_keys_that_tell_nothing(office):
    await fail(office, 12345, "192.0.2.77")
    keys = [row[0] for row in await office.fetch("SELECT key FROM allowance")]
    assert len(keys) == 2
    assert all(len(key) == 16 and b"192" not in key and b"12345" not in key for key in keys)


async def test_a_right_password_is_never_limited(office):
    account = await office.account()
    for _ in range(11):
        wrong = await activate(office.desk, office.caller(), account.login, "wrong", office.wish("laptop"))
    assert (wrong.code, wrong.facts["retry_after_s"] > 0) == (Refusal.RATE_LIMITED, True)
    mine = (office.desk, office.caller(), account.login, account.password)
    assert isinstance(await activate(*mine, office.wish("laptop")), Certified)
    assert not isinstance(await list_holdings(*mine), Refused)


async def test_a_login_that_is_nobodys_is_counted_like_one_that_is_somebodys(office):
    account = await office.account()
    codes = {
        login: [
            (await activate(office.desk, office.caller(), login, "wrong", office.wish("laptop"))).code
            for _ in range(12)
        ]
        for login in (account.login, "nobody-at-all")
    }
    assert codes[account.login] == codes["nobody-at-all"]
    assert codes[account.login] == [Refusal.CREDENTIALS] * 10 + [Refusal.RATE_LIMITED] * 2


async def test_a_hundred_at_two_workers_get_exactly_the_burst(office):
    desk = office.desk
    workers = [desk.limiter, Limiter(desk.pool, desk.secrets.passwords, desk.clock)]
    claims = [Claim("account 1", desk.limits.resets.each)]
    done = await asyncio.gather(*(workers[n % 2].spend(claims) for n in range(100)))
    assert sum(not past for past in done) == 30


async def test_who_asks_at_once_is_told_apart(office):
    few = Limit("few", 2, 60.0)
    wanted = [[("a", few), ("everybody", Limit("many", 5, 60.0))], [("b", few)], [("b", ONE)]] * 4
    done = await asyncio.gather(*(spend(office.desk, one) for one in wanted))
    passed = [refused is None for refused in done]
    assert passed[0::3] == [True, True, False, False]
    assert passed[1::3] == [True, True, False, False]
    assert passed[2::3] == [True, False, False, False]
    refused = done[-3]
    assert (refused.code, refused.facts["retry_after_s"]) == (Refusal.RATE_LIMITED, 60)
    # Refused for the one, it was taken from the other all the same: of five, four are gone.
    assert await spend(office.desk, [("everybody", Limit("many", 5, 60.0))]) is None
    assert (await spend(office.desk, [("everybody", Limit("many", 5, 60.0))])).code is Refusal.RATE_LIMITED


async def test_resets_are_limited_by_credential_whatever_becomes_of_them(office):
    account, other = await office.account(), await office.account()
    [license_id] = [row[0] for row in await office.fetch("SELECT max(license_id) FROM license")]
    for _ in range(31):  # somebody who knows the login alone spends nothing of its owner's
        await reset_own(office.desk, office.caller(), account.login, "wrong", license_id)
    codes = [
        (await reset_own(office.desk, office.caller("192.0.2.9"), login, account.password, license_id)).code
        for login in [account.login, f" {account.login.upper()} "] * 15 + [account.login]
    ]
    assert set(codes[:30]) <= {Refusal.NOT_FOUND, Refusal.RESET_UNUSED}
    assert codes[30] is Refusal.RATE_LIMITED
    elsewhere = await reset_own(office.desk, office.caller(), other.login, other.password, license_id)
    assert elsewhere.code is not Refusal.RATE_LIMITED


async def test_when_nobody_can_tell_failures_go_on_and_resets_wait(office, monkeypatch):
    account = await office.account()
    desk, caller = office.desk, office.caller()
    async with nobody_can_tell(office, monkeypatch):
        assert (await refuse_wrong(desk, caller, 1)).code is Refusal.CREDENTIALS
        right = await activate(desk, caller, account.login, account.password, office.wish("laptop"))
        assert isinstance(right, Certified)
        refused = await reset_own(desk, caller, account.login, account.password, right.license.license_id)
        assert refused.code is Refusal.UNAVAILABLE
        assert refused.facts["retry_after_s"] > 0
    done = await reset_own(desk, caller, account.login, account.password, right.license.license_id)
    assert done.license_id == right.license.license_id


async def test_a_job_forgets_what_is_limited_no_more(office, monkeypatch):
    monkeypatch.setattr(scheduled, "FORGOTTEN_AT_ONCE", 4)
    [job] = [one for one in scheduled.JOBS if one.name == "forget_allowances"]
    room = scheduled.JobRoom(office.desk, None, None, asyncio.Event())
    for n in range(10):
        await fail(office, account_id=n)
    assert await job.run(room) == 0
    office.desk.clock.shift_s += 61
    assert await job.run(room) == 11
    assert await office.fetch("SELECT 1 FROM allowance") == []
