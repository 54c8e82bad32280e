"""Public keys: what other programs need to verify certificates."""

from activation.http.answering import respond
from activation.http.calls import Call, Reply

_CACHE = {"Cache-Control": "public, max-age=300"}


async def get_jwks(call: Call) -> Reply:
    """`GET /.well-known/jwks.json`: the signing keys (RFC 7517)."""
    reply = respond(call.desk.maker.ring.jwks())
    reply.headers = _CACHE
    return reply


async def get_keys(call: Call) -> Reply:
    """`GET /v1/keys`: the signing keys with the roots and their signed delegations."""
    reply = respond(call.desk.maker.ring.keys_document())
    reply.headers = _CACHE
    return reply
