"""What end users call with the owner's password: see their licences, reset one."""

from activation.http.answering import answer_listing, answer_reset, respond
from activation.http.bodies import read_json
from activation.http.calls import Call, Reply
from activation.http.credentials import basic_of
from activation.http.guarding import problem
from activation.http.naming import id_of
from activation.licensing.identifiers import LICENSE
from activation.licensing.verdicts import Refused
from activation.messages.requests import parse_reset
from activation.service.activating.holdings import list_holdings
from activation.service.resetting.resets import reset_own


async def get_licenses(call: Call) -> Reply:
    """`GET /v1/licenses`: list one's licences, a thousand at a time, more with `?after=`."""
    basic = basic_of(call)
    after = id_of(LICENSE, call.query.get("after", ""))
    done = await list_holdings(call.desk, call.caller(), basic.login, basic.password, after)
    return problem(call, done) if isinstance(done, Refused) else respond(answer_listing(done))


async def post_reset(call: Call) -> Reply:
    """`POST /v1/resets`: free one's own licence, once a week (R3)."""
    message = parse_reset(await read_json(call))
    basic = basic_of(call)
    license_id = id_of(LICENSE, message.license_id)
    done = await reset_own(call.desk, call.caller(), basic.login, basic.password, license_id)
    return problem(call, done) if isinstance(done, Refused) else respond(answer_reset(done))
