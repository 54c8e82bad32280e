"""Public keys: what other programs need to verify certificates."""

from activation.http.answering import respond
from activation.http.calls import Call, Reply
from crypto.sealing import sealing_jwk

_CACHE = {"Cache-Control": "public, max-age=300"}


async def get_jwks(call: Call) -> Reply:
    """`GET /.well-known/jwks.json`: the signing keys (RFC 7517)."""
    reply = respond(call.desk.maker.ring.jwks())
    reply.headers = _CACHE
    return reply


async def get_keys(call: Call) -> Reply:
    """`GET /v1/keys`: the signing keys with roots, delegations, and the key that requests are sealed to."""
    document = call.desk.maker.ring.keys_document()
    sealing = call.desk.sealing
    if sealing is not None:
        document["sealing"] = sealing_jwk(sealing.public_key)
    reply = respond(document)
    reply.headers = _CACHE
    return reply
