"""A licence's page: how it stands, its device, what happened to it and why."""

from service.sample_privacy import come, person

from activation.licensing.identifiers import LICENSE, shard_of, to_text
from activation.licensing.roles import Role


async def arrive(office, name="laptop"):
    """Return the id of a licence on a device of this name, and its page's address."""
    held = await come(office, await person(office, 1), name)
    number = held.license.license_id
    return number, f"/console/licenses/{to_text(LICENSE, number)}"


async def happen(office, license_id, count):
    """Write so many events about a licence, a second apart, long ago."""
    await office.fetch(
        "INSERT INTO event (about, event_id, happened, shard, kind, actor, rule, trace_id)"
        " SELECT $1::bigint, ($2::bigint << 55) + n, to_timestamp(1000000000 + n), $2, 2, 3, 'D4', 'old-' || n"
        " FROM generate_series(1, $3::integer) n",
        license_id,
        shard_of(license_id),
        count,
    )


async def test_a_licence_tells_how_it_stands_and_who_did_what_and_why(signed_in, office, people):
    number, path = await arrive(office)
    browser = await signed_in(Role.ADMIN)
    page = await browser.get(path)
    assert page.status == 200
    assert "In use on the laptop since" in page.words
    assert "Known by its hard disk, system, network card" in page.words
    assert "Activated on a device" in page.words
    assert f"{path}/reset" in page.document.links
    assert f"{path}/standing" in page.document.links
    for address, fields in (
        ("suspend", {"note": "Their card was stolen"}),
        ("reset", {"reason": "device_lost", "note": "Left on a train"}),
    ):
        token = people.bearer(Role.ADMIN)
        reply = await browser.client.post(
            f"/v1/staff/licenses/{to_text(LICENSE, number)}/{address}s".replace("suspends", "suspend"),
            headers={"Authorization": token},
            json=fields,
        )
        assert reply.status < 300, await reply.text()
    page = await browser.get(path)
    [[login]] = await office.fetch("SELECT login FROM staff WHERE staff_id = $1", people.ids[Role.ADMIN])
    assert "Suspended: it is not renewed" in page.words
    assert "Staff suspended it." in page.words
    for words in (
        "Their card was stolen",
        "Left on a train",
        "The device was lost or stolen",
        login,
        "rule R4",
    ):
        assert words in page.words, words
    assert page.words.count("Left on a train") == 1
    assert page.words.count("Their card was stolen") == 1
