"""Every address of the server, and what handles it."""

from typing import Final

from aiohttp import web

from activation.http import health, keys, me, offline, own_account, owners, revocations, shop, softphones
from activation.http.acting import ActRoute
from activation.http.calls import Endpoint
from activation.http.describing import Routes, description_routes
from activation.http.privacy import breaches, mine, persons
from activation.http.privacy import requests as privacy_requests
from activation.http.reselling import clients, customers, late, money, own, pools
from activation.http.self import passwords, sessions, tokens
from activation.http.self.signing_in import SIGNING_IN
from activation.http.staff import (
    agents,
    audit,
    erasures,
    forks,
    licenses,
    outgoing,
    overview,
    people,
    pepper,
    products,
    purchases,
    subscriptions,
    traces,
)
from activation.http.surroundings import DESK, SURROUNDINGS, Surroundings
from activation.http.wire.admitting import Admission
from activation.http.wire.aiohttp_calls import expect, guard, handler_of
from activation.http.wire.direct import DIRECT_WAY, DirectWay
from activation.http.wire.shedding import Shedding
from activation.messages.requests import MAX_BODY
from activation.service.desk import Desk

ACT_ROUTES: Final[tuple[ActRoute, ...]] = (
    *purchases.ROUTES,
    *own.ROUTES,
    *clients.ROUTES,
    *money.ROUTES,
    *late.ROUTES,
    *outgoing.ROUTES,
    *agents.ROUTES,
    *subscriptions.ROUTES,
    *customers.ROUTES,
    *pools.ROUTES,
    *licenses.ROUTES,
    *forks.ROUTES,
    *audit.ROUTES,
    *erasures.ROUTES,
    *offline.ROUTES,
    *products.ROUTES,
    *overview.ROUTES,
    *mine.ROUTES,
    *persons.ROUTES,
    *privacy_requests.ROUTES,
    *breaches.ROUTES,
    *traces.ROUTES,
    *people.ROUTES,
    *pepper.ROUTES,
    *tokens.ROUTES,
    *me.ROUTES,
    *own_account.ROUTES,
    *sessions.ROUTES,
)
"""For people who are signed in; each module of theirs lists its own."""

ROUTES: Final[tuple[tuple[str, str, Endpoint], ...]] = (
    ("POST", "/v1/activations", softphones.post_activation),
    ("POST", "/v1/renewals", softphones.post_renewal),
    ("POST", "/v1/releases", softphones.post_release),
    ("POST", "/v1/offline-activations", offline.post_offline_activation),
    ("GET", "/v1/licenses", owners.get_licenses),
    ("POST", "/v1/resets", owners.post_reset),
    *SIGNING_IN,
    ("POST", "/v1/self/password-links", passwords.post_password_link),
    ("POST", "/v1/self/passwords", passwords.post_password),
    ("POST", "/v1/shop/events", shop.post_shop_event),
    ("GET", "/.well-known/jwks.json", keys.get_jwks),
    ("GET", "/v1/keys", keys.get_keys),
    ("GET", "/v1/revocations", revocations.get_revocations),
    ("GET", "/healthz", health.get_healthz),
    ("GET", "/readyz", health.get_readyz),
    ("GET", "/metrics", health.get_metrics),
    *((route.method, route.path, route.endpoint()) for route in ACT_ROUTES),
)

_ALL_DAY: Final = ("/v1/activations", "/v1/renewals")


def make_application(desk: Desk, surroundings: Surroundings, pages: Routes = ()) -> web.Application:
    """Return the application, ready to be served: the API, and `pages` beside it."""
    application = web.Application(middlewares=[guard], client_max_size=MAX_BODY + 1)
    application[DESK] = desk
    application[SURROUNDINGS] = surroundings
    all_day = {(method, path): endpoint for method, path, endpoint in ROUTES if path in _ALL_DAY}
    shedding = Shedding(Admission(surroundings.longest_wait_s), all_day)
    application[DIRECT_WAY] = DirectWay(all_day, desk, surroundings, shedding)
    for method, path, endpoint in (*ROUTES, *description_routes(ROUTES, ACT_ROUTES), *pages):
        add = application.router.add_get if method == "GET" else application.router.add_post
        add(
            path,
            handler_of(shedding.around(endpoint) if path in _ALL_DAY else endpoint),
            expect_handler=expect,
        )
    return application
