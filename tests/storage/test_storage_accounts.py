"""The smaller readers and writers: accounts, lists, products, staff, resellers, the installation."""

import asyncpg
import pytest
from licensing.sample_holdings import DAY, FRIDAY, SHARD, granted
from storage.sample_accounts import add_holding, add_more, read, write

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import make_id
from activation.licensing.model import Account, AccountState, LicenseKind, LicenseState, Product
from activation.storage.accounts import (
    AccountExistsError,
    PersonalField,
    UnknownAccountError,
    add_account,
    list_licenses,
    read_account,
)
from activation.storage.events import add_events
from activation.storage.identity.people import TokenHolder, find_token_holder
from activation.storage.identity.staff import (
    NewUser,
    Staff,
    StaffExistsError,
    add_reseller,
    add_staff,
    find_staff_by_login,
)
from activation.storage.identity.tokens import NewToken, Owners, add_token, token_id_of
from activation.storage.installation import claim_for_demo, is_demo
from activation.storage.products import add_product, read_catalogue

PERSONAL = {PersonalField.LOGIN: "anna", PersonalField.EMAIL: "anna@example.org", PersonalField.PHONE: ""}


async def test_an_account_is_read_back_and_its_person_stands_apart(connection):
    account = Account(make_id(SHARD, 1), b"o" * 16, b"a" * 16, AccountState.CLOSED)
    await add_account(connection, account, FRIDAY, PERSONAL)
    assert await read_account(connection, account.account_id) == account
    assert await read_account(connection, make_id(SHARD, 2)) is None
    rows = await connection.fetch("SELECT field, value FROM personal ORDER BY field")
    assert [tuple(row) for row in rows] == [(1, "anna"), (3, "anna@example.org")]


async def test_a_login_that_is_taken_is_refused_with_nothing_written(connection):
    account = Account(make_id(SHARD, 1), bytes(16))
    await add_account(connection, account, FRIDAY, PERSONAL)
    with pytest.raises(AccountExistsError, match="taken"):
        await add_account(connection, account, FRIDAY, {PersonalField.NAME: "Anna the second"})
    assert await connection.fetchval("SELECT count(*) FROM personal") == 2


async def test_licences_for_nobody_are_refused(connection):
    await add_holding(connection, 0, 1)
    with pytest.raises(UnknownAccountError, match="no account"):
        await add_more(connection, 1, 2)
    assert await connection.fetchval("SELECT count(*) FROM license") == 0


async def test_licences_are_listed_with_their_devices_a_page_at_a_time(connection):
    account_id = await add_holding(connection, 3)
    await add_more(connection, 1, first=4, kind=LicenseKind.EVALUATION, device_limit=3, ends_at=FRIDAY + DAY)
    scene = await read(connection, account_id)
    verdicts = [granted(scene.activate(name)) for name in ("a", "b", "c", "d", "e")]
    assert await write(connection, scene, *verdicts)
    scene = await read(connection, account_id)
    assert await write(connection, scene, granted(scene.reset(scene.licenses[1])))
    await connection.execute("UPDATE license SET state = 1 WHERE license_id = $1", make_id(SHARD, 1003))

    now, listed = await list_licenses(connection, account_id, 0, 100)
    assert abs(now - await connection.fetchval("SELECT date_part('epoch', clock_timestamp())")) < 10
    assert [entry.license_id for entry in listed] == [make_id(SHARD, number) for number in range(1001, 1005)]
    assert [entry.state for entry in listed] == [
        LicenseState.ACTIVE,
        LicenseState.ACTIVE,
        LicenseState.SUSPENDED,
        LicenseState.ACTIVE,
    ]
    assert [[device.name for device in entry.devices] for entry in listed] == [
        ["the a"],
        [],
        ["the c"],
        ["the d", "the e"],
    ]
    assert listed[1].self_reset_at == FRIDAY
    assert (listed[3].kind, listed[3].ends_at) == (LicenseKind.EVALUATION, FRIDAY + DAY)
    assert {entry.product for entry in listed} == {"softphone"}

    _, first = await list_licenses(connection, account_id, 0, 2)
    _, second = await list_licenses(connection, account_id, first[-1].license_id, 2)
    assert [*first, *second] == listed
    assert await list_licenses(connection, account_id, make_id(SHARD, 1004), 2) == (0, [])


async def test_a_device_without_a_name_is_listed_without_one(connection):
    account_id = await add_holding(connection)
    scene = await read(connection, account_id)
    await write(connection, scene, granted(scene.activate("a")))
    await connection.execute("DELETE FROM personal")
    _, (entry,) = await list_licenses(connection, account_id, 0, 10)
    (device,) = entry.devices
    assert (device.name, device.since, device.online) == ("", FRIDAY, True)


async def test_nobodys_licences_are_seen_by_another_account(connection):
    await add_holding(connection, 2, 1)
    other = await add_holding(connection, 1, 2)
    _, listed = await list_licenses(connection, other, 0, 10)
    assert [entry.license_id for entry in listed] == [make_id(SHARD, 2001)]


async def test_products_are_read_back_and_the_first_of_a_code_stays(connection):
    product = Product(1, "softphone", "lenient", frozenset({"linux", "*"}), 1, 2, 3, 4)
    await add_product(connection, product, "Softphone")
    await add_product(connection, Product(2, "softphone"), "Another")
    await add_product(connection, Product(3, "other"), "Other")
    catalogue = await read_catalogue(connection)
    assert catalogue.by_code == {"softphone": product, "other": Product(3, "other")}
    assert catalogue.by_id == {1: product, 3: Product(3, "other")}


def user(number=1, login="sam", role="support"):
    return NewUser(number, login, role, b"h" * 16, b"box", FRIDAY)


async def test_a_token_speaks_for_its_person_until_it_ends(connection):
    await add_staff(connection, user())
    await add_token(connection, Owners.STAFF, 1, NewToken(b"t" * 16, "first", FRIDAY))
    holder = TokenHolder(1, "sam", "support", None, token_id_of(b"t" * 16))
    assert await find_token_holder(connection, b"t" * 16, FRIDAY) == holder
    assert await find_token_holder(connection, b"u" * 16, FRIDAY) is None
    for offset, found in ((1, True), (0, False), (-1, False)):
        await connection.execute("UPDATE staff_token SET expires_at = $1", FRIDAY + offset)
        assert (await find_token_holder(connection, b"t" * 16, FRIDAY) is not None) == found


async def test_a_person_is_found_by_login_while_there(connection):
    await add_staff(connection, user())
    assert await find_staff_by_login(connection, "sam") == Staff(1, "sam", "support")
    assert await find_staff_by_login(connection, "SAM") is None
    await connection.execute("UPDATE staff SET state = 1")
    assert await find_staff_by_login(connection, "sam") is None


async def test_a_person_who_left_has_no_token_that_works(connection):
    await add_staff(connection, user())
    await add_token(connection, Owners.STAFF, 1, NewToken(b"t" * 16, "first", FRIDAY))
    await connection.execute("UPDATE staff SET state = 1")
    assert await find_token_holder(connection, b"t" * 16, FRIDAY) is None


async def test_roles_are_those_there_are(connection):
    for number, role in enumerate(("admin", "sales", "support", "auditor")):
        await add_staff(connection, user(number, role, role))
    with pytest.raises(asyncpg.CheckViolationError):
        await add_staff(connection, user(9, "x", "owner"))
    with pytest.raises(StaffExistsError, match="taken"):
        await add_staff(connection, user(9, "admin", "admin"))


async def test_a_reseller_begins_with_its_owner(connection):
    await add_reseller(connection, 5, "Reseller Ltd", user(role="owner"))
    row = await connection.fetchrow(
        "SELECT r.name, u.login, u.role FROM reseller r JOIN reseller_user u USING (reseller_id)"
    )
    assert tuple(row) == ("Reseller Ltd", "sam", "owner")


async def test_only_an_empty_database_becomes_the_demos(pool):
    async with pool.acquire() as connection:
        assert not await is_demo(connection)
        assert await claim_for_demo(connection)
        assert await is_demo(connection)
        assert not await claim_for_demo(connection)


@pytest.mark.parametrize("what", ["account", "product", "staff"])
async def test_a_database_in_use_never_becomes_the_demos(connection, what):
    if what == "account":
        await add_account(connection, Account(1, bytes(16)), FRIDAY, {})
    elif what == "product":
        await add_product(connection, Product(1, "p"), "P")
    else:
        await add_staff(connection, user())
    assert not await claim_for_demo(connection)
    assert not await is_demo(connection)


async def test_events_beside_a_batch_are_appended(connection):
    event = Event(make_id(SHARD, 1), 2, EventKind.ACCOUNT_MADE, Actor.SYSTEM, "P2", "t", 3, 4, '{"a": 1}')
    await add_events(connection, [event])
    row = await connection.fetchrow(
        "SELECT about, event_id, kind, actor, rule, trace_id, actor_id, shard FROM event"
    )
    assert tuple(row) == (make_id(SHARD, 1), 2, 10, 0, "P2", "t", 3, SHARD)
