"""G6: every look is recorded, whichever address it is had at: made from the routes, so a new one is tested.

An office is filled with a person of whom everything is known. Each address that staff or a reseller may read
is asked for with every id in its place and every query: what says anything of that person leaves a look.
"""

import re
from urllib.parse import quote

import pytest
from sample_people import gather_people
from service.sample_acts import now_of
from service.sample_privacy import MARK, come, leave_traces, person

from activation.console.routes import CONSOLE_ROUTES
from activation.http.routes import ACT_ROUTES
from activation.licensing import identifiers as ids
from activation.licensing.identifiers import shard_of, to_text
from activation.licensing.roles import MAY, Act, Role

TRACE = "0000-7kq2"
# {0} the account, {1} its shard, {2} an id of anything, {3} now, {4} a reseller's owner, {5} one of staff.
_KNOWN = (
    "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method,"
    " placed_at, due_at) VALUES ({2}, {0}, 1, 5, 1, 9, 9, 1, {3} - 900000, {3} - 800000)",
    "INSERT INTO charge (charge_id, account_id, kind, amount, opened_at, due_at)"
    " VALUES ({2}, {0}, 1, 20, {3} - 900000, {3} - 800000)",
    "INSERT INTO payment (payment_id, purchase_id, amount, paid_at, method, reference)"
    f" VALUES ({{2}}, {{2}}, 1, {{3}}, 'bank', 'from {MARK}')",
    "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee, months,"
    " made_at) VALUES ({2}, {1}, {0}, 1, 5, 1, 1, 1, {3})",
    "INSERT INTO update_plan VALUES ({2}, {1}, {0}, 1, 1, 12, {3}, {3})",
    "UPDATE activation SET forked_at = {3}, fork_told_at = {3}",
    f"UPDATE refusal_trace SET trace_id = '{TRACE}', code = 'device_limit', weighed = '[]'",
    "INSERT INTO override (reset_id, shard, license_id, staff_id, reason, note, asked_at)"
    f" SELECT {{2}}, shard, license_id, {{5}}, 'other', '{MARK}', {{3}} FROM license"
    " WHERE account_id = {0}",
    "UPDATE consent SET purpose = 'marketing'",
    "UPDATE account SET reseller_id = (SELECT reseller_id FROM reseller_user WHERE user_id = {4})"
    " WHERE account_id = {0}",
)
_LOOKS = (
    "SELECT coalesce(l.account_id, e.about) FROM event e LEFT JOIN license l"
    " ON l.shard = e.shard AND l.license_id = e.about WHERE e.kind IN (100, 101) AND e.happened > $1"
)
# At these, something of the person is to be seen; else the test below would find nothing out.
SHOWING = {
    "/v1/reseller/customers",
    "/v1/reseller/customers/{account_id}",
    "/v1/staff/accounts/{login}",
    "/v1/staff/audit/{id}",
    "/v1/staff/forks",
    "/v1/staff/late",
    "/v1/staff/licenses",
    "/v1/staff/licenses/{license_id}",
    "/v1/staff/licenses/{license_id}/exposure",
    "/v1/staff/mails",
    "/v1/staff/orders",
    "/v1/staff/orders/{order_id}",
    "/v1/staff/payments",
    "/v1/staff/penalties",
    "/v1/staff/people",
    "/v1/staff/people/{staff_id}/tokens",
    "/v1/staff/privacy/accounts/{account_id}/consents",
    "/v1/staff/privacy/accounts/{account_id}/data",
    "/v1/staff/privacy/accounts/{account_id}/erasure",
    "/v1/staff/privacy/readers",
    "/v1/staff/privacy/requests",
    "/v1/staff/resets",
    "/v1/staff/subscriptions",
    "/v1/staff/subscriptions/{id}",
    "/v1/staff/traces",
    "/v1/staff/traces/{trace_id}",
    "/v1/staff/update-plans",
}


@pytest.fixture
async def people(office, client):
    return await gather_people(office, client)


@pytest.fixture
async def ann(office, people):
    """Whoever everything is known of, by account, login and what there is of hers: its ids."""
    made = await person(office, 1)
    await come(office, made)
    await leave_traces(office, made.account_id)
    shard, now = shard_of(made.account_id), await now_of(office)
    number, others = office.ids.new(shard), (people.ids[Role.OWNER], people.ids[Role.SUPPORT])
    for sql in _KNOWN:
        await office.fetch(sql.format(made.account_id, shard, number, now, *others))
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1", made.account_id
    )
    return made, license_id, number


def addresses(route, names, queries):
    """Return the addresses that a route stands for: any id in its path, any query behind it."""
    if "{" in route.path:
        return [re.sub(r"\{\w+\}", quote(name), route.path) for name in names]
    return [f"{route.path}?{query}" for query in queries]


async def latest(office):
    """Return when the last event happened: one transaction follows another here."""
    [[at]] = await office.fetch("SELECT max(happened) FROM event")
    return at


async def test_g6_whatever_says_anything_of_somebody_leaves_a_look_at_them(office, people, ann):
    made, license_id, number = ann
    [[agent]] = await office.fetch("SELECT login FROM staff WHERE staff_id = $1", people.ids[Role.SUPPORT])
    shown_by = {
        made.account_id: [MARK, *(to_text("", one) for one in (made.account_id, license_id, number))],
        people.ids[Role.SUPPORT]: [f'"{agent}"', f"<bdi>{agent}</bdi>", '"name":"first"'],
    }
    names = [
        made.login,
        TRACE,
        to_text(ids.STAFF, people.ids[Role.SUPPORT]),
        to_text(ids.ACCOUNT, made.account_id),
    ]
    names += [to_text(ids.LICENSE, license_id), to_text(ids.ORDER, number), to_text(ids.SUBSCRIPTION, number)]
    queries = ["", f"query={MARK}@example.com", f"account={made.login}", f"login={made.login}", "state=done"]
    wrong, showing = {}, set()
    for route in (*ACT_ROUTES, *CONSOLE_ROUTES):
        role = next((one for one in (Role.ADMIN, Role.OWNER) if one in MAY[route.act]), None)
        if route.method != "GET" or role is None or route.act is Act.SELF:
            continue
        for path in addresses(route, names, queries):
            before = await latest(office)
            shown = people.cookie(role) if path.startswith("/console/") else people.bearer(role)
            status, text = await people.ask("GET", path, shown)
            text = re.sub(r'<input id="q"[^>]*>', "", text)  # a search shows again what was typed, no more
            # A page that leads on from its own address says no more than was asked, either.
            text = re.sub(rf'href="{re.escape(path.removesuffix("/copy"))}(?=["/])', "", text)
            looked_at = {row[0] for row in await office.fetch(_LOOKS, before)}
            assert status < 500, (path, text)
            for person_id, marks in shown_by.items():
                if status < 300 and any(mark in text for mark in marks):
                    showing.add(route.path)
                    if person_id not in looked_at:
                        wrong[path] = text[:300]
    assert wrong == {}
    assert showing >= SHOWING


async def test_g6_who_finds_somebody_by_an_e_mail_knows_whose_it_is(office, people, ann):
    made, *_ = ann
    path = f"/v1/staff/licenses?query={MARK}@example.com"
    for restricted in ("NULL", "1"):
        before = await latest(office)
        await office.fetch(f"UPDATE account SET restricted_at = {restricted}")
        status, text = await people.ask("GET", path, people.bearer(Role.SUPPORT))
        assert (status, to_text("", ann[1]) in text) == (200, True)
        looks = await office.fetch("SELECT about, details->'fields' FROM event WHERE happened > $1", before)
        assert (made.account_id, '["email"]') in {tuple(row) for row in looks}
