"""Products: made, changed, their builds and their history, each by those who may."""

import pytest

from activation.licensing.roles import Role

ALL, ONE = "/console/products", "/console/products/softphone"


@pytest.fixture
async def admin(signed_in):
    return await signed_in(Role.ADMIN)


async def test_a_product_is_made_changed_and_says_by_whom(admin, office, people):
    [[login]] = await office.fetch("SELECT login FROM staff WHERE staff_id = $1", people.ids[Role.ADMIN])
    page = await admin.get(ALL)
    typed = {"code": "desk-phone", "name": "Desk phone", "policy": "strict"}
    made = await admin.submit(page, ALL, **typed, update_months="12", platforms="linux, docker")
    page = await admin.follow(made)
    assert "The product is made." in page.words
    fields = page.form(f"{ALL}/desk-phone/settings").fields
    assert (fields["update_months"], fields["platforms"]) == ("12", "docker linux")
    assert page.form(f"{ALL}/desk-phone/policy").fields["policy"] == "strict"
    settings = {"name": "<b>Desk</b>", "update_months": "", "platforms": ""}
    page = await admin.follow(await admin.submit(page, ".*/settings", **settings))
    page = await admin.follow(await admin.submit(page, ".*/policy", policy="lenient"))
    page = await admin.follow(await admin.submit(page, ".*/forks", forks="refused"))
    page = await admin.follow(
        await admin.submit(page, ".*/builds", version="5.6.4", released_on="2026-11-22")
    )
    assert "Build 5.6.4 is known." in page.words
    history = page.text[page.text.index('id="history"') :]
    told = [
        "Build 5.6.4, released",
        "Renewals by copied keys are refused",
        "Devices are known: Leniently (lenient/1)",
        "Named &lt;b&gt;Desk&lt;/b&gt;",
        "Updates are included for good",
        "stands in for hardware nowhere",
        "Made",
    ]
    places = [history.index(one) for one in told]
    assert places == sorted(places)
    assert history.count(login) == 5
    again = await admin.follow(await admin.submit(page, ".*/policy", policy="lenient"))
    assert again.text.count("Devices are known:") == 1


@pytest.mark.parametrize(
    ("form", "typed", "told"),
    [
        (ALL, {"code": "Has Spaces", "name": "x", "policy": "strict"}, "code"),
        (ALL, {"code": "softphone", "name": "Again", "policy": "strict"}, ""),
        (f"{ONE}/settings", {"name": "   "}, "name"),
        (f"{ONE}/settings", {"name": "x", "update_months": "0"}, "update_months"),
        (f"{ONE}/settings", {"name": "x", "platforms": "Linux; DROP"}, "platforms"),
        (f"{ONE}/settings", {"name": "x", "platforms": "a " * 40}, "platforms"),
        (f"{ONE}/builds", {"version": "new", "released_on": "2026-11-22"}, "version"),
        (f"{ONE}/builds", {"version": "5.1", "released_on": "22.11.2026"}, "released_on"),
        (f"{ONE}/builds", {"version": "5.1", "released_on": "1969-11-22"}, "released_on"),
        (f"{ONE}/builds", {"version": "5.1", "released_on": "9999-12-31"}, None),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_with_what_was_typed(admin, form, typed, told):
    page = await admin.get(ALL if form == ALL else ONE)
    shown = await admin.submit(page, form, **typed)
    if told is None:
        assert shown.status == 303
        return
    assert shown.status in (400, 409, 422)
    assert (f'id="wrong-{told}"' in shown.text) is bool(told)
    kept = shown.form(form).fields
    assert {name: kept[name].strip() for name in typed} == {name: one.strip() for name, one in typed.items()}


async def test_l7_a_build_keeps_the_day_it_was_released_on(admin):
    page = await admin.get(ONE)
    build = {"version": "5.6.4", "released_on": "2026-11-22"}
    for _ in range(2):
        page = await admin.follow(await admin.submit(page, ".*/builds", **build))
    refused = await admin.submit(page, ".*/builds", version="5.6.4", released_on="2026-11-23")
    assert refused.status == 409
    assert "another time of release" in refused.words


async def test_others_look_and_change_nothing(signed_in, admin):
    await admin.submit(await admin.get(ONE), ".*/settings", name="Softphone", platforms="*")
    browser = await signed_in(Role.AUDITOR)
    assert "stand in for hardware everywhere" in (await browser.get(ONE)).words
    for path in (ALL, ONE):
        page = await browser.get(path)
        assert page.status == 200
        assert [one for one in page.document.forms if "sign-out" not in one.action] == []
    assert (await browser.get(f"{ALL}/nothing")).status == 404


async def test_a_long_history_goes_on_and_a_made_up_place_begins_anew(admin, office):
    await office.fetch(
        "INSERT INTO event (about, event_id, shard, kind, actor, rule, trace_id, details)"
        ' SELECT 1, n, 0, 72, 0, \'D2\', \'t\', \'{"product": "softphone", "policy": "strict/1"}\''
        " FROM generate_series(1, 120) AS n"
    )
    seen, path = [], ONE
    for _ in range(3):
        page = await admin.get(path)
        seen.append(page.text.count("Devices are known:"))
        path = next((link for link in page.document.links if "before=" in link), None)
    assert seen == [50, 50, 20]
    assert path is None
    for place in ("x", "-1", "9" * 30, "²"):
        page = await admin.get(f"{ONE}?before={place}")
        assert page.text.count("Devices are known:") == 50
