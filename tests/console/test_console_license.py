"""A licence's page: how it stands, its device, what happened to it and why."""

from sample_people import MADE_UP
from service.sample_acts import do
from service.sample_privacy import MARK, come, person

from activation.licensing.identifiers import LICENSE, shard_of, to_text
from activation.licensing.roles import Role
from activation.service.licenses.tending import revoke_license


async def arrive(office, name="laptop"):
    """Return the id of a licence on a device of this name, and its page's address."""
    held = await come(office, await person(office, 1), name)
    number = held.license.license_id
    return number, f"/console/licenses/{to_text(LICENSE, number)}"


async def happen(office, license_id, count):
    """Write so many events about a licence, a second apart, long ago."""
    await office.fetch(
        "INSERT INTO event (about, event_id, happened, shard, kind, actor, rule, trace_id)"
        " SELECT $1::bigint, ($2::bigint << 55) + n, to_timestamp(1000000000 + n), $2, 2, 3, 'D4', 'old'"
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


async def test_a_long_history_is_read_backwards_by_pages_and_loses_no_note(signed_in, office):
    number, path = await arrive(office)
    await happen(office, number, 120)
    written = {1_000_000_030: "thirty", 1_000_000_118: "hundred and eighteen", 900_000_000: "first"}
    for at, note in written.items():
        await office.fetch(
            "INSERT INTO license_note VALUES ($1, $2, $3, $4, NULL, $5)",
            at,
            number,
            shard_of(number),
            at,
            note,
        )
    browser = await signed_in(Role.SUPPORT)
    address, texts, traces = path, [], 0
    while address is not None:
        page = await browser.get(address)
        texts.append(page.words)
        traces += page.words.count("Parts of the device changed")
        address = next((link for link in page.document.links if "?before=" in link), None)
    assert len(texts) == 5
    assert traces == 120
    for note in written.values():
        assert sum(f"Note {note}" in text for text in texts) == 1, note
    assert (await browser.get(f"{path}?before=nonsense")).status == 400


async def test_g6_looks_are_told_where_they_are_asked_for(signed_in, office):
    _, path = await arrive(office)
    browser = await signed_in(Role.AUDITOR)
    await browser.get(path)
    assert "Looked at" not in (await browser.get(path)).words
    page = await browser.get(f"{path}?looks=1")
    assert "Looked at" in page.words
    assert "What was seen history" in page.words
    assert f"{path}/reset" not in page.document.links
    assert f"{path}/standing" not in page.document.links


async def test_l8_a_revoked_licence_offers_nothing_and_an_unknown_one_is_not_found(signed_in, office):
    number, path = await arrive(office)
    await do(office, lambda work: revoke_license(work, number, "Paid with a stolen card"))
    page = await (await signed_in(Role.ADMIN)).get(path)
    assert "Revoked for good" in page.words
    assert "Paid with a stolen card" in page.words
    assert f"{path}/standing" not in page.document.links
    browser = await signed_in(Role.SUPPORT)
    for text in (to_text(LICENSE, MADE_UP), "lic_0", "%00", "<b>"):
        assert (await browser.get(f"/console/licenses/{text}")).status == 404


async def test_g3_a_restricted_persons_devices_are_not_for_every_role(signed_in, office):
    _, path = await arrive(office, MARK)
    await office.fetch("UPDATE account SET restricted_at = 1")
    page = await (await signed_in(Role.SALES)).get(path)
    assert MARK not in page.text
    assert "a person whose data is restricted" in page.words
    assert MARK in (await (await signed_in(Role.SUPPORT)).get(path)).text
