"""What staff see of the pepper's versions (D5), with tokens and sessions from before the rotation."""

import time

import pytest
from aiohttp import encode_basic_auth
from sample_people import open_session

from activation.service.identity.identifying import SessionShown, identify
from crypto.pepper import rotate_pepper


@pytest.fixture
def rotate(office):
    async def run():
        rotate_pepper(office.settings.pepper_file, int(time.time()))
        await office.desk.peppers.look()

    return run


async def test_d5_the_share_that_is_still_on_the_old_one(office, client, sign_in, rotate):
    auditor, account = await sign_in("auditor"), await office.account(2)
    message = {"product": "softphone", "version": "5.6.4"}

    async def activate(name):
        device = {"platform": "linux", "name": name, "components": office.components(name)}
        done = await client.post(
            "/v1/activations",
            json=message | {"device": device},
            headers={"Authorization": encode_basic_auth(account.login, account.password)},
        )
        return done.status

    assert [await activate("a"), await activate("b")] == [201, 201]
    await rotate()
    assert await activate("a") == 200
    status, told = await auditor.get("pepper")
    assert (status, told["in_use"]) == (200, 2)
    shares = [(row["version"], row["known"], row["share"], row["devices"]) for row in told["versions"]]
    assert shares == [(2, True, 0.5, 1), (1, True, 0.5, 1)]
    assert told["versions"][1]["tokens"] >= 1


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("support", 403), ("sales", 403)])
async def test_d5_who_may_see_it(sign_in, role, status):
    assert (await (await sign_in(role)).get("pepper"))[0] == status


async def test_a_session_from_before_goes_on(office, rotate):
    made = await office.staff("support")
    token = await open_session(office, "support", made.user_id)
    await rotate()
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
        person = await identify(connection, office.desk, SessionShown(token), now)
    assert person.person_id == made.user_id
