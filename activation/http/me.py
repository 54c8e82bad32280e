"""End users who are signed in: who they are, what they hold, and freeing a licence once a week."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.answering import answer_listing, answer_reset
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.messages.requests import ResetRequest, parse_reset
from activation.service.activating.holdings import list_mine, who_am_i
from activation.service.resetting.resets import reset_mine
from activation.service.working import Work


async def get_me(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell one's account: login, name and e-mail as they are held."""
    held = await who_am_i(work)
    return {
        "account_id": to_text(ACCOUNT, work.person.person_id),
        "login": held.login,
        "name": held.name or None,
        "email": held.address or None,
    }


async def get_licenses(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List one's licences, as `GET /v1/licenses` does: a thousand at a time, more with `?after=`."""
    return answer_listing(await list_mine(work, id_of(LICENSE, call.query.get("after", ""))))


async def post_reset(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Free one of one's licences, as `POST /v1/resets` does: once a week (R3)."""
    done = await reset_mine(work, id_of(LICENSE, parse_reset(body).license_id))
    return done if isinstance(done, Refused) else answer_reset(done)


ROUTES: Final = (
    ActRoute("GET", "/v1/me", Act.MINE_SEE, get_me),
    ActRoute("GET", "/v1/me/licenses", Act.MINE_SEE, get_licenses),
    ActRoute("POST", "/v1/me/resets", Act.MINE_RESET, post_reset, takes=ResetRequest),
)
