"""What the licensor's staff call with a bearer token."""

from aiohttp import web

from activation.http.answering import answer_staff_reset, respond
from activation.http.credentials import bearer_of
from activation.http.guarding import caller_of, problem, read_json
from activation.http.state import DESK
from activation.licensing.verdicts import Refused
from activation.messages.requests import license_id_of, parse_staff_reset
from activation.service.resets import reset_by_staff


async def post_staff_reset(request: web.Request) -> web.Response:
    """`POST /v1/staff/licenses/{license_id}/resets`: free any licence, for a reason (R4)."""
    token = bearer_of(request)
    message = parse_staff_reset(await read_json(request))
    license_id = license_id_of(request.match_info["license_id"]) or 0
    done = await reset_by_staff(
        request.app[DESK], caller_of(request), token, license_id, message.reason, message.note
    )
    return problem(request, done) if isinstance(done, Refused) else respond(answer_staff_reset(done))
