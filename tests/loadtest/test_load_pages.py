"""What `python -m loadtest.pages` fills a database with, and how it finds its way through the pages."""

import pytest

from activation.licensing.identifiers import to_text
from activation.service.activating.activations import activate
from activation.service.provisioning import grant_licenses, make_account, make_reseller
from loadtest.browsing import Document, shape_of
from loadtest.filling import write_rows


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/console/licenses/lic_0c5n8v2k7qhwm/reset?before=12", "/console/licenses/{}/reset?before"),
        ("/console/licenses?query=a+b&after=lic_0c5n8v2k7qhwm", "/console/licenses?after&query"),
        ("/console/traces/7kq2-m4xd", "/console/traces/{}"),
        ("/console/mine/data", "/console/mine/data"),
    ],
)
def test_pages_of_a_kind_have_one_name(path, kind):
    assert shape_of(path) == kind


def test_of_a_page_links_and_forms_are_known():
    page = Document(
        '<a href="/console/">x</a><form action="/console/sign-in">'
        '<input type="hidden" name="csrf" value="a&amp;b">'
        '<input name="login"></form>'
    )
    assert page.links == ["/console/"]
    assert [(form.action, form.fields) for form in page.forms] == [("/console/sign-in", {"csrf": "a&b"})]


async def test_a_database_of_today_is_filled(office):
    """A migration that the statements do not know of would show here."""
    agent = await office.staff("support")
    activated = await office.account(1)
    shown = activated.login, activated.password
    await activate(office.desk, office.caller(), *shown, office.wish("desk 12"))
    async with office.desk.pool.acquire() as connection:
        owner = await make_reseller(connection, office.keys, office.ids, "Resale")
        for number in range(3):
            made = await make_account(connection, office.keys, office.ids, login=f"load-abc-{number:07d}")
            await grant_licenses(connection, office.ids, made.account_id, 1, 5, 1)
        await connection.execute(
            "INSERT INTO pool_entry (reseller_id, product_id, major, seq, delta, balance, why, entered_at)"
            " VALUES ($1, 1, 5, 1, 10, 10, 1, 1)",
            owner.reseller_id,
        )
        found = await write_rows(connection, agent.login, owner.login, activated.account_id, 3)
    [hot, company] = found
    assert hot["license_id"] < company["license_id"]
    counted = await office.fetch("SELECT count(*) FROM event WHERE about = $1", hot["license_id"])
    assert counted[0][0] >= 10_000, to_text("lic_", hot["license_id"])
    seats = await office.fetch("SELECT licenses FROM holding ORDER BY licenses DESC LIMIT 1")
    assert seats[0][0] == 10_001
