"""What softphones call: activate, renew, release."""

from aiohttp import web
from msgspec import UNSET

from activation.http.answering import answer_certified, answer_released, reading_of, respond
from activation.http.credentials import basic_of
from activation.http.guarding import caller_of, problem, read_json
from activation.http.state import DESK
from activation.licensing.verdicts import Refused
from activation.messages.requests import (
    license_id_of,
    major_of,
    parse_activation,
    parse_release,
    parse_renewal,
)
from activation.service.activations import Wish, activate
from activation.service.renewals import release, renew


async def post_activation(request: web.Request) -> web.Response:
    """`POST /v1/activations`: 201 the first time, 200 when this device already holds the licence."""
    message = parse_activation(await read_json(request))
    basic = basic_of(request)
    wish = Wish(
        message.product,
        message.major,
        reading_of(message.device),
        bool(message.move),
        license_id_of(message.license_id),
    )
    done = await activate(request.app[DESK], caller_of(request), basic.login, basic.password, wish)
    if isinstance(done, Refused):
        return problem(request, done)
    return respond(answer_certified(done), 201 if done.is_new else 200)


async def post_renewal(request: web.Request) -> web.Response:
    """`POST /v1/renewals`: a fresh certificate for a current activation."""
    message = parse_renewal(await read_json(request))
    major = major_of(message.version) if message.version is not UNSET else None
    device = reading_of(message.device)
    done = await renew(request.app[DESK], caller_of(request), message.certificate, device, major)
    return problem(request, done) if isinstance(done, Refused) else respond(answer_certified(done))


async def post_release(request: web.Request) -> web.Response:
    """`POST /v1/releases`: the device gives its licence up."""
    message = parse_release(await read_json(request))
    device = reading_of(message.device)
    done = await release(request.app[DESK], caller_of(request), message.certificate, device)
    return problem(request, done) if isinstance(done, Refused) else respond(answer_released(done))
