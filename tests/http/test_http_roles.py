"""Who may do what: every route x role x tenant, made from the routes and the one table of roles.

Nobody lists routes here: a new one is tested by being there, and one without an act fails.
"""

import re
import runpy
from base64 import b64encode
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path

import pytest
from sample_people import MADE_UP, add_token, gather_people, numbers

from activation.http import routes
from activation.http.acting import ActRoute
from activation.http.cookies import CSRF_HEADER
from activation.http.routes import ACT_ROUTES, ROUTES
from activation.http.self.signing_in import SIGNING_IN
from activation.licensing import identifiers
from activation.licensing.identifiers import to_text
from activation.licensing.roles import DANGEROUS, MAY, STAFF, Act, Role, may
from activation.service.identity.identifying import refuse_act
from activation.service.limiting.limiter import Pair
from activation.service.working import Person
from activation.storage.identity.tokens import Owners
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


@pytest.fixture
def careless(office):
    """Nobody counts what is wrong: these tests are not about that limit."""
    plenty = Pair.hourly("plenty", 1_000_000, 1_000_000)
    office.desk.limits = replace(office.desk.limits, failed=plenty)


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_the_table_says_and_nothing_else(people, role):
    wrong = {}
    for way, route in product(("session", "token"), ACT_ROUTES):
        status, text = await ask(people, route, people.shown(role, way))
        if is_outage(status) or status == 401 or (status == 403) is is_allowed(route, role):
            wrong[f"{way} {route.method} {route.path}"] = (status, is_allowed(route, role), text[:300])
    assert wrong == {}


@pytest.mark.parametrize("whose", ["nobody's", "unknown", "end user's", "a password as token"])
@pytest.mark.usefixtures("careless")
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
        status, _ = await ask(people, route, words[whose])
        # An end user is somebody, though seldom anybody who may do this.
        if whose != "end user's":
            expected = {401}
        else:
            expected = {200, 201, 400, 404, 409} if Role.END_USER in MAY[route.act] else {403}
        if status not in expected:
            wrong[f"{route.method} {route.path}"] = status
    assert wrong == {}


def encode(login, password):
    return b64encode(f"{login}:{password}".encode()).decode()


TOKENS, PEOPLE = ("staff_token", "reseller_token"), ("staff", "reseller_user", "account")
# What ends where, and what it was before.
ENDINGS = {
    "token expired": (TOKENS, "expires_at = 1", "expires_at = NULL"),
    "token revoked": (TOKENS, "revoked_at = 1", "revoked_at = NULL"),
    "token of somebody suspended": (PEOPLE, "state = 1", "state = 0"),
    "session ended": (("session",), "ended_at = 1, ended_why = 1", "ended_at = NULL, ended_why = NULL"),
    "session too old": (("session",), "ends_at = 1", "ends_at = made_at + 3600"),
    "session left idle": (("session",), "seen_at = 1", "seen_at = made_at"),
    "session without second factor": (("session",), "stage = 1", "stage = 3"),
    "session of somebody suspended": (PEOPLE, "state = 1", "state = 0"),
}


@pytest.mark.usefixtures("careless")
async def test_what_has_ended_gets_nobody_in(people, office):
    wrong = {}
    for ending, (tables, over, before) in ENDINGS.items():
        for table in tables:
            await office.fetch(f"UPDATE {table} SET {over}")
        way = ending.split()[0]
        for route in ACT_ROUTES:
            for role in who_may(route, way):
                status, _ = await ask(people, route, people.shown(role, way))
                if status != 401:
                    wrong[f"{ending} {route.method} {route.path}"] = (role, status)
        for table in tables:
            await office.fetch(f"UPDATE {table} SET {before}")
    assert wrong == {}


def who_may(route, way):
    """Return one role, at most, that may do this, and can in this way."""
    roles = MAY[route.act] if way == "session" else MAY[route.act] - {Role.END_USER}
    return sorted(roles)[:1]


async def test_a_token_is_for_its_own_act_and_every_other_is_refused(people, office):
    wrong = {}
    for route in ACT_ROUTES:
        for role in who_may(route, "token"):
            other = next(act for act in Act if may(role, act) and act is not route.act)
            own, another = [f"Bearer {await scoped(people, office, role, act)}" for act in (route.act, other)]
            statuses = [(await ask(people, route, shown))[0] for shown in (own, another)]
            if statuses[0] in (401, 403) or statuses[1] != 403:
                wrong[f"{route.method} {route.path}"] = (role, statuses)
    assert wrong == {}


async def scoped(people, office, role, act):
    owners = Owners.STAFF if role in STAFF else Owners.USERS
    async with office.desk.pool.acquire() as connection:
        return await add_token(office, connection, people.ids[role], [act], owners)


@pytest.mark.parametrize("role", WITH_TOKENS)
def test_scopes_never_widen_a_role_and_allow_nothing_but_themselves(role):
    for scope, act in product(Act, Act):
        person = Person(1, "sam", role, scopes=frozenset({scope}))
        assert (refuse_act(person, act, 0) is None) is (may(role, act) and act is scope), (scope, act)


async def test_what_is_dangerous_needs_a_fresh_second_factor_in_a_session(people, office):
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    wrong = {}
    for route in ACT_ROUTES:
        for role in MAY[route.act]:
            status, text = await ask(people, route, people.cookie(role))
            if (status == 403 and "step_up" in text) is not (route.act in DANGEROUS):
                wrong[f"{route.method} {route.path}"] = (role, status, text[:300])
    assert wrong == {}


@pytest.mark.parametrize(
    "forged", [{"Origin": "https://example.org"}, {CSRF_HEADER: "x"}], ids=["origin", "csrf"]
)
async def test_another_sites_page_does_nothing_with_a_session(people, forged):
    wrong = {}
    for route in ACT_ROUTES:
        if route.method == "POST":
            role = min(MAY[route.act])
            status, text = await ask(people, route, {**people.cookie(role), **forged})
            if status != 403:
                wrong[f"{route.method} {route.path}"] = (status, text[:300])
    assert wrong == {}


async def test_another_resellers_things_are_as_if_they_were_not_there(people):
    """Row by row: what is another's answers like what was made up, and no answer holds another's mark."""
    wrong = {}
    ways = cycle(["token", "session", "token"])
    # Those that end one's own sessions come last.
    for route in sorted(ACT_ROUTES, key=lambda route: route.act is Act.SELF):
        for role in sorted(ROLES_OF_RESELLERS & MAY[route.act])[:1]:
            named = "{" in route.path
            made_up, _ = await ask(people, route, people.bearer(role), NOBODYS)
            for prefix, number in product(PREFIXES if named else PREFIXES[:1], people.other.ids):
                asked = to_text(prefix, number)
                way = "token" if route.act is Act.SELF else next(ways)
                status, text = await ask(people, route, people.shown(role, way), asked)
                shown = [mark for mark in people.other.marks if mark in text and mark not in asked]
                if shown or status != made_up:
                    wrong[f"{route.method} {route.path} {role} {asked}"] = (status, made_up, shown)
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
