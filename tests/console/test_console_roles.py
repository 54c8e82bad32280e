"""Who may see and do what in the console: every route x role x tenant, made from the routes (I1).

Nobody lists routes here: a new one is tested by being there. The looks that pages leave are in
tests/http/test_http_looks.py.
"""

import re
from itertools import product

import pytest
from sample_console import ConsoleBrowser
from sample_people import MADE_UP

from activation.console import routes
from activation.console.open_pages import OpenForm, OpenPage
from activation.console.pages import FormRoute, PageRoute
from activation.console.routes import CONSOLE_ENDPOINTS, CONSOLE_ROUTES, OPEN_ROUTES
from activation.http.cookies import COOKIE
from activation.licensing import identifiers
from activation.licensing.identifiers import to_text
from activation.licensing.roles import DANGEROUS, MAY, Act, Role, may
from activation.service.identity.session_tokens import csrf_of

PREFIXES = sorted(
    name for name in vars(identifiers).values() if isinstance(name, str) and re.fullmatch("[a-z]{3}_", name)
)
NOBODYS = to_text("xxx_", MADE_UP)
# Those that end one's own sessions come last.
ROUTES = sorted(CONSOLE_ROUTES, key=lambda route: (route.act is Act.SELF, route.method == "POST"))


@pytest.fixture
def browser(client, office, people):
    def of(role):
        made = ConsoleBrowser(client, office)
        made.cookies[COOKIE] = people.sessions[role]
        return made

    return of


async def ask(browser, route, asked=NOBODYS, **more):
    """Get a page, or send a form that says nothing, with the same id for every name in its path."""
    path = re.sub(r"\{\w+\}", asked, route.path)
    if route.method == "GET":
        return await browser.get(path, **more)
    fields = {"csrf": csrf_of(browser.cookies[COOKIE]) if COOKIE in browser.cookies else ""}
    return await browser.post(path, fields, **more)


def told(route):
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_sees_and_does_what_the_table_says_and_nothing_else(browser, role):
    wrong, mine = {}, browser(role)
    for route in ROUTES:
        if route.act is Act.SELF and route.method == "POST":
            continue  # everybody's; they end the session that asks
        shown = await ask(mine, route)
        led_away = shown.status == 303 and shown.location.startswith("/console/sign-in")
        if shown.status >= 500 or led_away or (shown.status == 403) is may(role, route.act):
            wrong[told(route)] = (shown.status, may(role, route.act), shown.text[:300])
    assert wrong == {}


ENDINGS = ["ended_at = 1, ended_why = 1", "ends_at = 1", "seen_at = 1", "stage = 1", None]


@pytest.mark.parametrize("over", ENDINGS)
async def test_whose_session_has_ended_is_led_to_signing_in(browser, office, over):
    wrong = {}
    if over is not None:
        await office.fetch(f"UPDATE session SET {over}")
    for route in ROUTES:
        visitor = browser(min(MAY[route.act]))
        if over is None:
            visitor.cookies.clear()
        shown = await ask(visitor, route)
        if shown.status != 303 or not shown.location.startswith("/console/sign-in?next=%2Fconsole%2F"):
            wrong[told(route)] = (shown.status, shown.location)
    assert wrong == {}


async def test_what_is_dangerous_asks_for_a_fresh_second_factor(browser, office):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    wrong = {}
    for route in ROUTES:
        if route.act is Act.SELF:
            continue
        for role in MAY[route.act]:
            shown = await ask(browser(role), route)
            asks = 'name="step_up"' in shown.text or (shown.location or "").startswith("/console/step-up?")
            if asks is not (route.act in DANGEROUS):
                wrong[told(route)] = (role, shown.status)
    assert wrong == {}


@pytest.mark.parametrize("forged", ["origin", "no origin", "token"])
async def test_another_sites_page_sends_nothing(browser, forged):
    wrong = {}
    origins = {"origin": {"Origin": "https://example.org"}, "no origin": {"Origin": None}, "token": {}}
    for route in ROUTES:
        if route.method == "POST":
            visitor = browser(min(MAY[route.act]))
            path = re.sub(r"\{\w+\}", NOBODYS, route.path)
            csrf = "x" if forged == "token" else csrf_of(visitor.cookies[COOKIE])
            shown = await visitor.post(path, {"csrf": csrf}, **origins[forged])
            if shown.status != 403:
                wrong[told(route)] = (shown.status, shown.text[:300])
    assert wrong == {}


async def test_another_resellers_things_are_as_if_they_were_not_there(browser, people):
    wrong = {}
    for route in ROUTES:
        if route.act is Act.SELF and route.method == "POST":
            continue
        for role in sorted({Role.OWNER, Role.OPERATOR} & MAY[route.act])[:1]:
            mine = browser(role)
            made_up = await ask(mine, route)
            for prefix, number in product(PREFIXES if "{" in route.path else PREFIXES[:1], people.other.ids):
                asked = to_text(prefix, number)
                shown = await ask(mine, route, asked)
                marks = [mark for mark in people.other.marks if mark in shown.text and mark not in asked]
                if marks or shown.status != made_up.status:
                    wrong[f"{told(route)} {asked}"] = (shown.status, made_up.status, marks)
    assert wrong == {}


def test_every_route_is_served_once_and_is_somebodys_or_for_all():
    served = [(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in CONSOLE_ENDPOINTS]
    assert sorted({one for one in served if served.count(one) > 1}) == []
    known = {(one.method, one.path) for one in (*CONSOLE_ROUTES, *OPEN_ROUTES)}
    beside = {"/console", "/console/{nowhere:.+}", "/console/static/{digest}/{name}"}
    assert {(method, path) for method, path, _ in CONSOLE_ENDPOINTS if path not in beside} == known
    assert all(path.startswith("/console") for _, path, _ in CONSOLE_ENDPOINTS)


def test_every_list_of_routes_is_served():
    """A module's ROUTES that nobody put into CONSOLE_ROUTES would be dead, and untested."""
    listed = [
        route
        for module in vars(routes).values()
        for name in ("ROUTES", "OPEN_ROUTES")
        for route in getattr(module, name, ())
        if isinstance(route, (PageRoute, FormRoute, OpenPage, OpenForm))
    ]
    assert [route.path for route in listed if route not in (*CONSOLE_ROUTES, *OPEN_ROUTES)] == []


def test_every_form_stands_on_a_page_that_whoever_sends_it_may_see():
    for route in CONSOLE_ROUTES:
        if isinstance(route, FormRoute) and route.again is not None:
            assert MAY[route.act] <= MAY[route.again.act], route.path
            names = [set(re.findall(r"\{\w+\}", one.path)) for one in (route.again, route)]
            assert names[0] <= names[1], route.path
