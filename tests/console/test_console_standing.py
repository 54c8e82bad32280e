"""Sales change how a licence stands (L8), extend it (L5), have it replaced (R2): each for a reason."""

import pytest

from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.roles import Role
from activation.service.activating.activations import activate

WHY = "Agreed with the customer <b>."


@pytest.fixture
async def path(office):
    """Where the standing of a licence that is on a laptop is changed."""
    made = await office.account()
    await activate(office.desk, office.caller(), made.login, made.password, office.wish("laptop"))
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    return f"/console/licenses/{to_text(LICENSE, license_id)}/standing"


@pytest.fixture
async def seller(signed_in):
    return await signed_in(Role.SALES)


async def send(browser, path, act, **fields):
    return await browser.submit(await browser.get(path), f"{path}/{act}", **({"note": WHY} | fields))


async def test_l8_suspended_and_reinstated_each_with_a_note(seller, path):
    done = await seller.follow(await send(seller, path, "suspend"))
    assert "Its device keeps its place" in done.words
    page = await seller.get(path)
    for words in ("Staff suspended it.", WHY, "Suspended"):
        assert words in page.words
    assert "customer &lt;b&gt;" in page.text
    back = await seller.follow(await send(seller, path, "reinstate"))
    assert "suspension is taken back" in back.words


async def test_l8_what_others_hold_is_not_reinstated_and_says_how_it_ends(seller, path, office):
    await office.fetch("UPDATE license SET state = 1, holds = 1")
    page = await seller.get(path)
    assert "Late payment." in page.words
    forced = await seller.post(f"{path}/reinstate", page.form(f"{path}/suspend").fields | {"note": WHY})
    assert (forced.status, "ends with its cause" in forced.words) == (409, True)


async def test_l8_revoking_is_final_and_the_page_says_so(seller, path):
    done = await seller.follow(await send(seller, path, "revoke"))
    assert "The licence is revoked." in done.words
    page = await seller.get(path)
    assert "which is final" in page.words
    assert 'name="note"' not in page.text


async def test_l8_revoking_asks_for_the_code_and_keeps_the_note(seller, path, office):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    asked = await send(seller, path, "revoke")
    assert (asked.status, asked.form(f"{path}/revoke").fields["note"]) == (403, WHY)


@pytest.mark.parametrize("act", ["suspend", "revoke"])
async def test_nothing_is_done_without_a_note(seller, path, act, office):
    refused = await send(seller, path, act, note=" ")
    assert (refused.status, "Fill this in." in refused.words) == (400, True)
    assert (await office.fetch("SELECT state FROM license WHERE license_id IS NOT NULL"))[0][0] == 0


async def test_l5_an_evaluation_is_extended(seller, path, office):
    await office.fetch("UPDATE license SET kind = 4, ends_at = extract(epoch FROM now())::bigint + 90000")
    before = (await office.fetch("SELECT ends_at FROM license ORDER BY 1"))[0][0]
    assert (await send(seller, path, "extend")).status == 303
    after = await office.fetch("SELECT ends_at FROM license WHERE ends_at <> $1", before)
    assert [row[0] for row in after] == [before + 7 * 86_400]


async def test_r2_a_replacement_waits_for_a_second_person_who_gives_another(seller, path, office, signed_in):
    await office.fetch("UPDATE activation SET online = false")
    filed = await send(seller, path, "replace", reason="device_lost")
    assert (filed.status, "Waiting for a second person" in filed.words) == (409, True)
    [waiting] = [link for link in filed.document.links if link.startswith("/console/approvals/rst_")]
    colleague = await signed_in(Role.ADMIN)
    page = await colleague.get(waiting)
    assert "I have checked that the old machine is out of use." in page.words
    done = await colleague.follow(await colleague.submit(page, f"{waiting}/approve"))
    for words in ("It is done.", "Given instead", "A licence that was replaced is not given back."):
        assert words in done.words
    given = [link for link in done.document.links if link.startswith("/console/licenses/lic_")]
    assert len(set(given)) == 2


async def test_r2_a_licence_that_is_online_is_not_replaced_and_says_what_instead(seller, path):
    page = await seller.get(path)
    fields = page.form(f"{path}/suspend").fields | {"reason": "other", "note": WHY}
    refused = await seller.post(f"{path}/replace", fields)
    assert (refused.status, "Free the licence from its device instead" in refused.words) == (409, True)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR])
async def test_it_is_saless_and_nobody_elses(signed_in, role, path):
    assert (await (await signed_in(role)).get(path)).status == 403
