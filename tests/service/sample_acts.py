"""Short ways for tests to act as the system, and to come as a softphone."""

from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate
from activation.service.activating.renewals import renew
from activation.service.products import make_build
from activation.service.working import act_as_system
from activation.storage.accounts import NewLicenses, add_licenses
from activation.storage.products import read_catalogue

DAY = 86400


async def do(office, run):
    done = await act_as_system(office.desk, run)
    assert not isinstance(done, Refused), done
    return done


async def refusal(office, run):
    done = await act_as_system(office.desk, run)
    assert isinstance(done, Refused), done
    return done


async def now_of(office):
    async with office.desk.pool.acquire() as connection:
        return await office.desk.clock.now(connection)


async def give(office, made, kind, ends_at=None, count=1, major=5):
    """Add licences of any kind as whatever makes them does; return their ids."""
    ids = [office.ids.new(made.account_id >> 55) for _ in range(count)]
    new = NewLicenses(made.account_id, 1, ids, major, await now_of(office), kind, ends_at=ends_at)
    async with office.desk.pool.acquire() as connection, connection.transaction():
        await add_licenses(connection, new)
    return ids


async def begin(office, made, name="desk", version=None):
    wish = office.wish(name, version=version)
    return await activate(office.desk, office.caller(), made.login, made.password, wish)


async def again(office, certified, name="desk", version=None):
    certificate = certified.issued.certificate
    return await renew(office.desk, office.caller(), certificate, office.device(name), None, version)


async def know_build(office, version, released_at):
    await do(office, lambda work: make_build(work, "softphone", version, released_at))
    async with office.desk.pool.acquire() as connection:
        office.desk.catalogue = await read_catalogue(connection)
