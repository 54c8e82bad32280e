"""The signed list of revocations, for whoever verifies certificates."""

from activation.http.answering import respond
from activation.http.calls import Call, Reply
from activation.http.guarding import problem
from activation.licensing.verdicts import Refused
from activation.messages.answers import RevocationsAnswer
from activation.service.certifying.revoking import CACHE_S


async def get_revocations(call: Call) -> Reply:
    """`GET /v1/revocations`: the signed list of retired keys and revoked certificates, or 304."""
    desk = call.desk
    done = await desk.bulletins.read(desk.pool, desk.clock, desk.maker.ring, desk.issuer)
    if isinstance(done, Refused):
        return problem(call, done)
    tag = f'"{done.name}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={CACHE_S}"}
    if _is_known(tag, call.headers.getall("If-None-Match", ())):
        return Reply(304, b"", headers=headers)
    reply = respond(RevocationsAnswer(done.revocations, done.delegation))
    reply.headers = headers
    return reply


def _is_known(tag: str, fields: "list[str] | tuple[str, ...]") -> bool:
    """Tell whether the caller has this answer already (RFC 9110 section 13.1.2: a weak comparison)."""
    # Our own tags hold no comma, so that a list is taken apart at commas safely enough.
    named = {one.strip().removeprefix("W/") for field in fields for one in field.split(",")}
    return tag in named or "*" in named
