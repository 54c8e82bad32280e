"""What end users call with the owner's password: see their licences, reset one."""

from aiohttp import web

from activation.http.answering import answer_listing, answer_reset, respond
from activation.http.credentials import basic_of
from activation.http.guarding import caller_of, problem, read_json
from activation.http.state import DESK
from activation.licensing.verdicts import Refused
from activation.messages.requests import license_id_of, parse_reset
from activation.service.holdings import list_holdings
from activation.service.resets import reset_own


async def get_licenses(request: web.Request) -> web.Response:
    """`GET /v1/licenses`: a thousand at a time, more with `?after=`."""
    basic = basic_of(request)
    after = license_id_of(request.query.get("after", "")) or 0
    done = await list_holdings(request.app[DESK], caller_of(request), basic.login, basic.password, after)
    return problem(request, done) if isinstance(done, Refused) else respond(answer_listing(done))


async def post_reset(request: web.Request) -> web.Response:
    """`POST /v1/resets`: free one's own licence, once a week (R3)."""
    message = parse_reset(await read_json(request))
    basic = basic_of(request)
    license_id = license_id_of(message.license_id) or 0
    done = await reset_own(request.app[DESK], caller_of(request), basic.login, basic.password, license_id)
    return problem(request, done) if isinstance(done, Refused) else respond(answer_reset(done))
