"""Stories happen at the demo's vendor, with the morning's work done (activation/demo/living.py).

* `office`, `people`: as elsewhere, but the demo's; an end user is Nina, who moved her licence this week
* `people.logins`: the demo's logins, as demo.json has them; `people.code(role)`: a code of somebody's app
"""

import time

import asyncpg
import pyotp
import pytest

from activation.app import open_desk
from activation.demo.living import live
from activation.demo.seeding import PRODUCT, VERSION, hire_agent, seed
from activation.licensing.roles import Role
from crypto.pepper import load_peppers


class DemoPeople:
    """Who there is: `ids` by role, `logins` as in demo.json, `agent` the token of one more support agent."""

    def __init__(self, office, logins, agent, ids):
        self.office, self.logins, self.agent, self.ids = office, logins, agent, ids

    async def code(self, role):
        """Return what the authenticator app of somebody in this role shows now."""
        told = self.logins["reseller"] if role is Role.OWNER else self.logins["staff"][role.value]
        async with self.office.desk.pool.acquire() as connection:
            now = await self.office.desk.clock.now(connection)
        return pyotp.TOTP(told["totp_secret"]).at(now)

    async def login_of(self, email):
        """Return the login of the customer with this e-mail."""
        [[login]] = await self.office.fetch(
            "SELECT p.value FROM personal p JOIN personal e USING (shard, subject)"
            " WHERE p.field = 1 AND e.field = 3 AND e.value = $1",
            email,
        )
        return login

    async def license_of(self, email):
        """Return the first licence's id of the customer with this e-mail."""
        [[license_id]] = await self.office.fetch(
            "SELECT min(license_id) FROM license JOIN personal ON subject = account_id"
            " WHERE field = 3 AND value = $1",
            email,
        )
        return license_id


@pytest.fixture
async def seeded(dsn, settings):
    connection = await asyncpg.connect(dsn)
    pepper = load_peppers(settings.pepper_file).in_use(int(time.time()))
    try:
        return await seed(connection, settings, pepper), await hire_agent(connection, pepper)
    finally:
        await connection.close()


@pytest.fixture
async def office(dsn, settings, seeded, make_office):
    async with open_desk(settings, dsn) as desk:
        yield make_office(desk)


@pytest.fixture
async def people(office, site, seeded):
    logins, agent = seeded
    await live(site, logins, agent, PRODUCT.code, VERSION)
    known = dict(await office.fetch("SELECT login, staff_id FROM staff"))
    ids = {Role(role): known[one["login"]] for role, one in logins["staff"].items()}
    known = dict(await office.fetch("SELECT login, user_id FROM reseller_user"))
    [[nina]] = await office.fetch(
        "SELECT subject FROM personal WHERE field = 3 AND value = 'nina@example.com'"
    )
    return DemoPeople(
        office, logins, agent, ids | {Role.OWNER: known[logins["reseller"]["login"]], Role.END_USER: nina}
    )
