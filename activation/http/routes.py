"""Every address of the server, and what handles it."""

from aiohttp import web

from activation.http import agents, health, keys, owners, softphones
from activation.http.guarding import guard
from activation.http.state import DESK, SURROUNDINGS, Surroundings
from activation.messages.requests import MAX_BODY
from activation.service.desk import Desk

ROUTES = (
    web.post("/v1/activations", softphones.post_activation),
    web.post("/v1/renewals", softphones.post_renewal),
    web.post("/v1/releases", softphones.post_release),
    web.get("/v1/licenses", owners.get_licenses),
    web.post("/v1/resets", owners.post_reset),
    web.post("/v1/staff/licenses/{license_id}/resets", agents.post_staff_reset),
    web.get("/.well-known/jwks.json", keys.get_jwks),
    web.get("/v1/keys", keys.get_keys),
    web.get("/healthz", health.get_healthz),
    web.get("/readyz", health.get_readyz),
    web.get("/metrics", health.get_metrics),
)


def make_application(desk: Desk, surroundings: Surroundings) -> web.Application:
    """Return the application, ready to be served."""
    application = web.Application(middlewares=[guard], client_max_size=MAX_BODY + 1)
    application[DESK] = desk
    application[SURROUNDINGS] = surroundings
    application.add_routes(ROUTES)
    return application
