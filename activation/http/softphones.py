"""What softphones call: activate, renew, release."""

from msgspec import UNSET

from activation.http.answering import answer_certified, answer_released, reading_of, respond
from activation.http.bodies import read_json
from activation.http.calls import Call, Reply
from activation.http.credentials import basic_of
from activation.http.guarding import problem
from activation.licensing.verdicts import Refused
from activation.messages.requests import (
    license_id_of,
    major_of,
    parse_activation,
    parse_release,
    parse_renewal,
)
from activation.service.activating.activations import Wish, activate
from activation.service.activating.renewals import release, renew


async def post_activation(call: Call) -> Reply:
    """`POST /v1/activations`: bind this device to a licence; 201 the first time, 200 again."""
    message = parse_activation(await read_json(call))
    basic = basic_of(call)
    wish = Wish(
        message.product,
        message.major,
        reading_of(message.device),
        bool(message.move),
        license_id_of(message.license_id),
        message.version,
    )
    done = await activate(call.desk, call.caller(), basic.login, basic.password, wish)
    if isinstance(done, Refused):
        return problem(call, done)
    return respond(answer_certified(done), 201 if done.is_new else 200)


async def post_renewal(call: Call) -> Reply:
    """`POST /v1/renewals`: get a fresh certificate for the one shown, while its activation is current."""
    message = parse_renewal(await read_json(call))
    version = message.version if message.version is not UNSET else None
    major = major_of(version) if version is not None else None
    device = reading_of(message.device)
    proof = message.proof if message.proof is not UNSET else None
    done = await renew(call.desk, call.caller(), message.certificate, device, major, version, proof)
    return problem(call, done) if isinstance(done, Refused) else respond(answer_certified(done))


async def post_release(call: Call) -> Reply:
    """`POST /v1/releases`: give this device's licence up (R10)."""
    message = parse_release(await read_json(call))
    device = reading_of(message.device)
    done = await release(call.desk, call.caller(), message.certificate, device)
    return problem(call, done) if isinstance(done, Refused) else respond(answer_released(done))
