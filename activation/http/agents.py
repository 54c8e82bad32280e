"""What the licensor's staff call with a bearer token."""

from activation.http.answering import answer_staff_reset, respond
from activation.http.bodies import read_json
from activation.http.calls import Call, Reply
from activation.http.credentials import bearer_of
from activation.http.guarding import problem
from activation.licensing.verdicts import Refused
from activation.messages.requests import license_id_of, parse_staff_reset
from activation.service.resets import reset_by_staff


async def post_staff_reset(call: Call) -> Reply:
    """`POST /v1/staff/licenses/{license_id}/resets`: free any licence, for a reason (R4)."""
    token = bearer_of(call)
    message = parse_staff_reset(await read_json(call))
    license_id = license_id_of(call.path["license_id"]) or 0
    done = await reset_by_staff(call.desk, call.caller(), token, license_id, message.reason, message.note)
    return problem(call, done) if isinstance(done, Refused) else respond(answer_staff_reset(done))
