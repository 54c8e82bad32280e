"""Staff find licences, and see how they stand (L8)."""

from sample_acts import begin, do, now_of

from activation.licensing.identifiers import ACCOUNT, ACTIVATION, LICENSE, account_of_login, to_text
from activation.service.activating.activations import activate
from activation.service.licenses.finding import find_licenses
from activation.service.licenses.standing import (
    end_licenses,
)
from activation.storage.licenses.standing import Where

# Finding --------------------------------------------------------------------------------------------------


async def found(office, query, after=0):
    page = await do(office, lambda work: find_licenses(work, query, after))
    return [row.license.license_id for row in page.rows]


async def test_a_licence_is_found_by_whatever_its_owner_can_tell(office):
    made = await office.account(2)
    await office.account(1)
    first = await begin(office, made)
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $2, 3, 'Anna@Example.com')",
        made.account_id,
        made.account_id >> 55,
    )
    own, both = first.license.license_id, await found(office, made.login)
    assert own in both
    assert len(both) == 2
    assert await found(office, f"  {made.login.upper()} ") == both
    assert await found(office, "anna@example.COM") == both
    assert await found(office, to_text(ACCOUNT, made.account_id)) == both
    assert await found(office, to_text(LICENSE, own)) == [own]
    assert await found(office, to_text(ACTIVATION, first.activation.activation_id)) == [own]
    assert await found(office, "The Desk") == [own]
    assert await found(office, made.login, both[0]) == both[1:]
    assert await found(office, "nobody") == []
    assert await found(office, "nobody@example.com") == []
    assert len(await found(office, "")) == 3


async def test_a_found_licence_shows_its_device_moves_and_resets(office):
    made = await office.account(1)
    await begin(office, made)
    moved = await activate(
        office.desk, office.caller(), made.login, made.password, office.wish("new", move=True)
    )
    page = await do(office, lambda work: find_licenses(work, made.login))
    (row,) = page.rows
    assert (row.license.moves, row.license.resets, row.can_reset) == (1, 1, False)
    assert [device.name for device in row.license.devices] == ["the new"]
    assert row.license.devices[0].activation_id == moved.activation.activation_id
    assert account_of_login(row.license.login) == made.account_id


async def test_pages_of_licences_follow_each_other(office):
    made = await office.account(150)
    first = await do(office, lambda work: find_licenses(work, made.login))
    second = await do(office, lambda work: find_licenses(work, made.login, first.next_after))
    assert (len(first.rows), len(second.rows), second.next_after) == (100, 50, None)


async def test_l8_ended_is_said_when_asked(office):
    made = await office.account(1)
    where = Where(account_id=made.account_id)
    now = await now_of(office)
    await do(office, lambda work: end_licenses(work, where, now + 100))
    office.desk.clock.shift_s += 101
    page = await do(office, lambda work: find_licenses(work, made.login))
    assert page.rows[0].state == "expired"
