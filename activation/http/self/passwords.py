"""A forgotten password: asking for a link by mail, and using it up. Nobody is signed in here."""

from activation.http.answering import respond
from activation.http.bodies import read_json
from activation.http.calls import Call, Reply
from activation.http.guarding import problem
from activation.licensing.verdicts import Refused
from activation.messages import people as messages
from activation.messages.people import optional
from activation.messages.reselling import parse
from activation.service.identity.forgotten import LINK_S, ask_for_link, change_forgotten

_TAKEN = (
    "If somebody has this login or e-mail, a mail with a link is on its way. The link holds for"
    f" {LINK_S // 60} minutes."
)


async def post_password_link(call: Call) -> Reply:
    """`POST /v1/self/password-links`: have a link mailed; the answer is the same for whom nobody knows."""
    message = parse(messages.LinkRequest, await read_json(call))
    refused = await ask_for_link(call.desk, call.caller(), message.login_or_email)
    return respond({"detail": _TAKEN}, 202) if refused is None else problem(call, refused)


async def post_password(call: Call) -> Reply:
    """`POST /v1/self/passwords`: a new password for a mailed link; end users' is generated, shown now."""
    message = parse(messages.NewPassword, await read_json(call))
    done = await change_forgotten(call.desk, call.caller(), message.link, optional(message.password))
    if isinstance(done, Refused):
        return problem(call, done)
    generated = {} if done.password is None else {"password": done.password}
    return respond({"login": done.login, **generated})
