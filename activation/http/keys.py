"""Public keys: what other programs need to verify certificates."""

from aiohttp import web

from activation.http.answering import respond
from activation.http.state import DESK

_CACHE = {"Cache-Control": "public, max-age=300"}


async def get_jwks(request: web.Request) -> web.Response:
    """`GET /.well-known/jwks.json`: the signing keys (RFC 7517)."""
    response = respond(request.app[DESK].maker.ring.jwks())
    response.headers.update(_CACHE)
    return response


async def get_keys(request: web.Request) -> web.Response:
    """`GET /v1/keys`: the same, with the roots and their signed delegations."""
    response = respond(request.app[DESK].maker.ring.keys_document())
    response.headers.update(_CACHE)
    return response
