"""Who may do what: every route x role x tenant, made from the routes and the one table of roles.

Nobody lists routes here: a new one is tested by being there, and one without an act fails.
"""

import re
import runpy
from base64 import b64encode
from itertools import product
from pathlib import Path

import pytest
from sample_people import MADE_UP, gather_people, numbers

from activation.http import routes
from activation.http.acting import ActRoute
from activation.http.routes import ACT_ROUTES, ROUTES
from activation.http.self.signing_in import SIGNING_IN
from activation.licensing import identifiers
from activation.licensing.identifiers import to_text
from activation.licensing.roles import MAY, STAFF, Act, Role, may
from crypto.passwords import new_token

DOCS = Path(__file__).parents[2] / "docs"
SIGNED_IN = ("/v1/staff/", "/v1/reseller/", "/v1/me", "/v1/self/")
# What everybody may read (protocol.md): no names, no licences, nothing of anybody's.
FOR_ALL = {
    "/.well-known/jwks.json",
    "/v1/keys",
    "/v1/revocations",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
}
# Addresses of who wants in: a session's own stages, and a password that was forgotten.
TO_GET_IN = {path for _, path, _ in SIGNING_IN} | {"/v1/self/password-links", "/v1/self/passwords"}
PREFIXES = sorted(
    name for name in vars(identifiers).values() if isinstance(name, str) and re.fullmatch("[a-z]{3}_", name)
)
NOBODYS = to_text("xxx_", MADE_UP)
WITH_TOKENS = [role for role in Role if role is not Role.END_USER]
ROLES_OF_RESELLERS = {Role.OWNER, Role.OPERATOR}


@pytest.fixture
async def people(office, client):
    return await gather_people(office, client)


async def ask(people, route, authorization, asked_for=NOBODYS, key=None):
    """Call a route with the same id for every name in its path."""
    path = re.sub(r"\{\w+\}", asked_for, route.path)
    return await people.ask(route.method, path, authorization, key)


def is_allowed(route, role):
    return may(role, route.act)


def is_outage(status):
    return status >= 500


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_the_table_says_and_nothing_else(people, role):
    wrong = {}
    for route in ACT_ROUTES:
        status, text = await ask(people, route, people.bearer(role))
        if is_outage(status) or status == 401 or (status == 403) is is_allowed(route, role):
            wrong[f"{route.method} {route.path}"] = (status, is_allowed(route, role), text[:300])
    assert wrong == {}


@pytest.mark.parametrize("whose", ["nobody's", "unknown", "end user's", "a password as token"])
async def test_without_a_known_token_nobody_gets_in(people, office, whose):
    account = await office.account()
    words = {
        "nobody's": None,
        "unknown": f"Bearer {new_token('stf')}",
        "end user's": f"Basic {encode(account.login, account.password)}",
        "a password as token": f"Bearer {account.password}",
    }
    wrong = {}
    for route in ACT_ROUTES:
        await office.fetch("TRUNCATE allowance")
        status, _ = await ask(people, route, words[whose])
        # An end user is somebody, though seldom anybody who may do this.
        if whose != "end user's":
            expected = {401}
        else:
            expected = {200, 400, 404, 409} if Role.END_USER in MAY[route.act] else {403}
        if status not in expected:
            wrong[f"{route.method} {route.path}"] = status
    assert wrong == {}


def encode(login, password):
    return b64encode(f"{login}:{password}".encode()).decode()


async def test_a_token_that_ended_gets_nobody_in(people, office):
    async with office.desk.pool.acquire() as connection:
        await connection.execute("UPDATE staff_token SET expires_at = 1")
        await connection.execute("UPDATE reseller_token SET expires_at = 1")
    wrong = {}
    for route in ACT_ROUTES:
        # Wrong tokens are counted by address; this is not about that limit.
        await office.fetch("TRUNCATE allowance")
        statuses = [(await ask(people, route, people.bearer(role)))[0] for role in WITH_TOKENS]
        if set(statuses) != {401}:
            wrong[f"{route.method} {route.path}"] = statuses
    assert wrong == {}


async def test_another_resellers_things_are_as_if_they_were_not_there(people):
    """Row by row: what is another's answers like what was made up, and no answer holds another's mark."""
    wrong = {}
    for route in ACT_ROUTES:
        for role in ROLES_OF_RESELLERS & MAY[route.act]:
            for prefix, number in product(PREFIXES, people.other.ids):
                made_up, _ = await ask(people, route, people.bearer(role), to_text(prefix, MADE_UP))
                asked = to_text(prefix, number)
                status, text = await ask(people, route, people.bearer(role), asked)
                shown = [mark for mark in people.other.marks if mark in text and mark not in asked]
                if shown or status != made_up:
                    wrong[f"{route.method} {route.path} {role} {asked}"] = (status, made_up, shown)
                if "{" not in route.path:
                    break
    assert wrong == {}


@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
async def test_every_post_works_with_and_without_an_idempotency_key(people, keyed):
    wrong = {}
    for route in ACT_ROUTES:
        if route.method != "POST":
            continue
        role = min(MAY[route.act])
        key = f"key {next(numbers)}" if keyed else None
        status, text = await ask(people, route, people.bearer(role), key=key)
        if is_outage(status) or "Idempotency-Key" in text:
            wrong[f"{route.method} {route.path}"] = (status, text[:300])
        elif keyed and status < 400 and (await ask(people, route, people.bearer(role), key=key))[1] != text:
            wrong[f"{route.method} {route.path}"] = "another answer the second time"
    assert wrong == {}


def test_every_route_for_people_who_are_signed_in_names_its_act():
    acting = {(route.method, route.path) for route in ACT_ROUTES}
    assert [
        f"{method} {path}"
        for method, path, _ in ROUTES
        if path.startswith(SIGNED_IN) and (method, path) not in acting and path not in TO_GET_IN
    ] == []


def test_every_act_route_is_served_and_stands_where_its_act_belongs():
    served = {(method, path) for method, path, _ in ROUTES}
    assert all((route.method, route.path) in served for route in ACT_ROUTES)
    for route in ACT_ROUTES:
        whose = route.act.split(".")[0]
        begins = {"own": "/v1/reseller/", "mine": "/v1/me/", "self": "/v1/self/"}.get(whose, "/v1/staff/")
        assert f"{route.path}/".startswith(begins), route.path


def test_no_route_is_there_twice():
    served = [(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in ROUTES]
    assert sorted({one for one in served if served.count(one) > 1}) == []


def test_every_list_of_routes_is_served():
    """A module's ROUTES that nobody put into ACT_ROUTES would be dead, and untested."""
    listed = [
        (module, route)
        for module in vars(routes).values()
        for route in getattr(module, "ROUTES", ())
        if isinstance(route, ActRoute)
    ]
    assert [route.path for _, route in listed if route not in ACT_ROUTES] == []


async def test_every_other_route_is_for_all_or_asks_who_it_is(people):
    """Softphones' and owners' addresses take no token of staff's or a reseller's."""
    wrong = {}
    for method, path, _ in ROUTES:
        if path.startswith(SIGNED_IN) or path in FOR_ALL:
            continue
        for token in (None, people.bearer(Role.ADMIN), people.bearer(Role.OWNER)):
            status, _ = await people.ask(method, path, token)
            if status < 400 or is_outage(status):
                wrong[f"{method} {path}"] = status
    assert wrong == {}


def test_every_act_has_a_row_and_every_row_a_role():
    assert set(MAY) == set(Act)
    assert all(MAY.values())


def test_staff_resellers_users_and_end_users_share_no_act_but_self():
    beginnings = {"own": ROLES_OF_RESELLERS, "mine": {Role.END_USER}, "self": set(Role)}
    for act, roles in MAY.items():
        assert roles <= beginnings.get(act.split(".")[0], STAFF), act


def test_docs_roles_md_is_made_from_the_table():
    page = runpy.run_path(str(DOCS / "make_roles.py"))["page"]
    assert (DOCS / "roles.md").read_text() == page(), "run python docs/make_roles.py"
