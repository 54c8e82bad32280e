"""A holding of more than 16 licences is read by digests and free seats, and decides like a small one."""

import pytest
from licensing.sample_holdings import SHARD, device, granted, refused
from storage.sample_accounts import add_holding, add_more, ask_for, read, write

from activation.licensing.identifiers import make_id
from activation.storage.reading import Ask, read_holdings

both_versions = pytest.mark.parametrize("postgres_version", ["18", "15"], indirect=True)
pytestmark = both_versions

LONG_AGO = 1_600_000_000  # by the scene's clock and by the database's


async def settle(connection, account_id, name, act, *names, **fields):
    """Read for a device, act, write what changed."""
    scene = await read(connection, account_id, name, *names, **fields)
    verdict = act(scene)
    if getattr(verdict, "changes", ()):
        assert await write(connection, scene, verdict)
    return verdict


async def activate(connection, account_id, name, **fields):
    reading = {key: fields[key] for key in ("major",) if key in fields}
    if fields.get("named") is not None:
        reading["named"] = fields["named"]
    return await settle(connection, account_id, name, lambda scene: scene.activate(name, **fields), **reading)


def license_number(verdict):
    return verdict.license.license_id - make_id(SHARD, 1000)


async def seats(connection):
    rows = await connection.fetch("SELECT digest, activation_id FROM seat")
    return {(row[0].bytes, row[1]) for row in rows}


async def expected_seats(connection):
    """Every weighing digest of a large holding's current activations, and of the last one of a free seat."""
    found = set()
    rows = await connection.fetch("SELECT l.license_id FROM license l WHERE l.large ORDER BY l.license_id")
    facts = await read_holdings(connection, [Ask(license_id=row[0]) for row in rows])
    for holding in {id(each): each for each in facts.holdings}.values():
        last = [held.last for held in holding.licenses.values() if held.last and held.free_slot() is not None]
        for activation in [*last, *(activation for _, activation in holding.activations())]:
            found |= {(digest, activation.activation_id) for digest in activation.enrolment.digests()}
    return found


async def check_index(connection):
    """The free-seat index and the seats say what the activations say."""
    assert await seats(connection) == await expected_seats(connection)
    wrong = await connection.fetch(
        "SELECT l.license_id FROM license l WHERE l.large AND l.taken <> (l.device_limit <= (SELECT count(*)"
        " FROM activation c WHERE c.shard = l.shard AND c.license_id = l.license_id AND c.ended_at IS NULL))"
    )
    assert wrong == []


async def test_every_device_gets_a_seat_of_its_own_and_finds_it_again(connection):
    account_id = await add_holding(connection, 20)
    names = [f"pc{n}" for n in range(20)]
    given = [granted(await activate(connection, account_id, name), "L1") for name in names]
    assert [license_number(verdict) for verdict in given] == list(range(1, 21))
    await check_index(connection)
    for name, first in zip(names, given, strict=True):
        again = granted(await activate(connection, account_id, name), "L2")
        assert again.activation.activation_id == first.activation.activation_id
        assert again.changes == ()
    refused(await activate(connection, account_id, "pc20"), "device_limit", "L4")


async def test_a_large_holding_is_not_read_whole(connection):
    account_id = await add_holding(connection, 200)
    for n in range(8):
        await activate(connection, account_id, f"pc{n}")
    holding = (await read(connection, account_id, "pc7")).holding
    assert holding.count == 200
    assert sorted(one - make_id(SHARD, 1000) for one in holding.licenses) == [1, 2, 3, 4, 8, 9]


async def test_a_large_holding_asked_for_by_a_licence_brings_that_one(connection):
    account_id = await add_holding(connection, 20)
    first = granted(await activate(connection, account_id, "laptop"))
    facts = await read_holdings(connection, [Ask(license_id=first.license.license_id)])
    (held,) = facts.holdings[0].licenses.values()
    assert held.current[0].activation_id == first.activation.activation_id
    assert facts.holdings[0].is_large


async def test_many_devices_in_one_batch_get_different_seats(connection):
    account_id = await add_holding(connection, 40)
    names = [f"pc{n}" for n in range(30)]
    facts = await read_holdings(connection, [ask_for(account_id, name) for name in names])
    scene = await read(connection, account_id)
    scene.holding = facts.holdings[0]
    verdicts = [granted(scene.activate(name)) for name in names]
    assert len({verdict.license.license_id for verdict in verdicts}) == 30
    assert await write(connection, scene, *verdicts)
    await check_index(connection)


async def test_seats_follow_resets_moves_releases_and_new_parts(connection):
    account_id = await add_holding(connection, 18)
    first = granted(await activate(connection, account_id, "a"))
    second = granted(await activate(connection, account_id, "b"))
    named = first.license.license_id
    await check_index(connection)
    granted(
        await settle(
            connection,
            account_id,
            "a",
            lambda scene: scene.activate("", digests=device("a", hdd_serial="new")),
        ),
        "L2",
    )
    await check_index(connection)
    granted(await activate(connection, account_id, "c", named=named, move=True), "R7")
    await check_index(connection)
    granted(
        await settle(
            connection, account_id, "c", lambda scene: scene.reset_by_staff(scene.holding.licenses[named])
        )
    )
    await check_index(connection)
    granted(await activate(connection, account_id, "d"))
    granted(await settle(connection, account_id, "b", lambda scene: scene.release(second, "b")))
    await check_index(connection)
    assert await connection.fetchval("SELECT count(*) FROM activation WHERE ended_at IS NULL") == 1


async def test_a_device_that_comes_and_goes_in_one_batch_is_the_last_of_its_seat(connection):
    account_id = await add_holding(connection, 18)
    scene = await read(connection, account_id, "a")
    first = granted(scene.activate("a"))
    gone = granted(scene.release(first, "a"))
    assert await write(connection, scene, first, gone)
    assert {key for _, key in await seats(connection)} == {first.activation.activation_id}
    await check_index(connection)


async def test_growing_from_16_to_17_takes_the_current_devices_along(connection):
    account_id = await add_holding(connection, 16, device_limit=1)
    given = [granted(await activate(connection, account_id, f"pc{n}")) for n in range(14)]
    granted(
        await settle(
            connection,
            account_id,
            "pc0",
            lambda scene: scene.reset(scene.holding.licenses[given[0].license.license_id]),
        )
    )
    assert await seats(connection) == set()
    assert await add_more(connection, 1, first=17) == 17
    await check_index(connection)
    assert len(await seats(connection)) == 14 * 3
    again = granted(await activate(connection, account_id, "pc13"), "L2")
    assert again.activation.activation_id == given[13].activation.activation_id
    assert license_number(granted(await activate(connection, account_id, "new"), "L1")) == 1
    assert await add_more(connection, 3, first=18) == 20
    await check_index(connection)


async def test_growing_makes_a_reader_of_the_small_holding_decide_again(connection):
    account_id = await add_holding(connection, 16)
    scene = await read(connection, account_id, "a")
    verdict = granted(scene.activate("a"))
    await add_more(connection, 1, first=17)
    assert not await write(connection, scene, verdict)
    await check_index(connection)


async def test_l4_a_named_seat_is_read_though_it_is_far_behind(connection):
    account_id = await add_holding(connection, 60)
    far = make_id(SHARD, 1050)
    assert license_number(granted(await activate(connection, account_id, "a", named=far))) == 50
    stranger = make_id(SHARD, 2001)
    await add_holding(connection, 1, 2)
    refused(await activate(connection, account_id, "b", named=stranger), "not_found", "L4")


async def test_l4_a_device_with_changed_parts_is_found_by_those_that_stayed(connection):
    account_id = await add_holding(connection, 30)
    for n in range(10):
        await activate(connection, account_id, f"pc{n}")
    changed = device("pc9", mac="new card")
    scene = await read(connection, account_id)
    ask = Ask(account_id, 1, device=changed, major=5)
    scene.holding = (await read_holdings(connection, [ask])).holdings[0]
    assert license_number(granted(scene.activate("", digests=changed), "L2")) == 10


async def test_l6_a_large_holding_of_two_majors_refuses_for_the_right_reason(connection):
    """All seats of major 6 are taken: that is a device limit, whatever stands at the holding's beginning."""
    account_id = await add_holding(connection, 20, major=5)
    await add_more(connection, 2, first=21, major=6)
    for n in range(2):
        granted(await activate(connection, account_id, f"pc{n}", major=6))
    refused(await activate(connection, account_id, "pc2", major=6), "device_limit", "L4")


async def test_l8_a_free_seat_is_found_behind_those_that_ran_out(connection):
    account_id = await add_holding(connection, 20, ends_at=LONG_AGO)
    await add_more(connection, 2, first=21)
    assert license_number(granted(await activate(connection, account_id, "a"), "L1")) == 21


async def test_l8_a_free_seat_is_found_behind_suspended_ones(connection):
    account_id = await add_holding(connection, 20)
    await connection.execute("UPDATE license SET state = 1 WHERE license_id < $1", make_id(SHARD, 1010))
    assert license_number(granted(await activate(connection, account_id, "a"), "L1")) == 10


async def test_r10_a_release_is_given_back_in_a_large_holding_too(connection):
    account_id = await add_holding(connection, 20)
    given = [granted(await activate(connection, account_id, f"pc{n}")) for n in range(8)]
    given_up = given[6]
    granted(await settle(connection, account_id, "pc6", lambda scene: scene.release(given_up, "pc6")))
    scene = await read(connection, account_id, "pc0")
    granted(verdict := scene.reset(scene.holding.licenses[given[0].license.license_id]))
    assert await write(connection, scene, verdict)
    back = granted(await activate(connection, account_id, "pc6"))
    assert back.license.license_id == given_up.license.license_id
    assert back.license.self_reset_at is None


async def test_the_same_story_ends_alike_in_a_small_and_in_a_large_holding(connection):
    """Sixteen licences or seventeen: the first few devices see no difference."""
    stories = []
    for account, licenses in ((1, 16), (2, 17)):
        account_id = await add_holding(connection, licenses, account)
        first = await activate(connection, account_id, "a")
        held = first.license.license_id
        story = [first] + [await activate(connection, account_id, name) for name in "bacb"]
        story.append(
            await settle(
                connection,
                account_id,
                "a",
                lambda it, held=held: it.reset_by_staff(it.holding.licenses[held]),
            )
        )
        story += [await activate(connection, account_id, name) for name in "da"]
        begin = make_id(SHARD, account * 1000)
        stories.append(
            [(one.rule, one.fresh, one.license.license_id - begin, one.license.moves) for one in story]
        )
    assert stories[0] == stories[1]
