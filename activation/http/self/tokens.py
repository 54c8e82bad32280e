"""One's own API tokens: listed, made, revoked."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.telling_people import tell_made_token, tell_token
from activation.licensing.identifiers import TOKEN
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import people as messages
from activation.messages.answers import Told
from activation.messages.people import scopes_of
from activation.messages.reselling import Nothing, parse
from activation.service.identity.tokens import WantedToken, acts_to_give, list_own, make_token, revoke_own
from activation.service.working import Work


async def get_tokens(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List one's own tokens, and the scopes that one may give."""
    tokens = [tell_token(one, work.now) for one in await list_own(work)]
    return {"tokens": tokens, "scopes": sorted(acts_to_give(work.person))}


async def post_token(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make a token for acts that one may do oneself; it is shown this once."""
    message = parse(messages.NewToken, body)
    made = await make_token(work, WantedToken(message.name, scopes_of(message.scopes), message.days))
    return made if isinstance(made, Refused) else tell_made_token(made, work.now)


async def post_revoke(work: Work, call: Call, body: bytes) -> Told | Refused:
    """End one of one's own tokens."""
    parse(Nothing, body)
    done = await revoke_own(work, id_of(TOKEN, call.path["token_id"]))
    return done if isinstance(done, Refused) else tell_token(done, work.now)


ROUTES: Final = (
    ActRoute("GET", "/v1/self/tokens", Act.SELF, get_tokens),
    ActRoute("POST", "/v1/self/tokens", Act.SELF, post_token, 201, takes=messages.NewToken),
    ActRoute("POST", "/v1/self/tokens/{token_id}/revoke", Act.SELF, post_revoke, bodiless=True),
)
