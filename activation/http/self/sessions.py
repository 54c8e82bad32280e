"""One's own sessions: listed, ended."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.self.telling_sessions import tell_listed
from activation.licensing.identifiers import SESSION
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.answers import Told
from activation.service.identity.own_sessions import end_other_sessions, end_own_session, see_sessions
from activation.service.working import Work


async def get_sessions(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List one's own sessions that are not over: with which browser, from where, since when."""
    found = await see_sessions(work)
    return {"sessions": [tell_listed(one, work.person.session_id) for one in found]}


async def post_end(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """End one of one's own sessions, at once."""
    refused = await end_own_session(work, id_of(SESSION, call.path["session_id"]))
    return refused or {"session_id": call.path["session_id"]}


async def post_end_others(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """End all of one's own sessions but the one that asks."""
    return {"ended": await end_other_sessions(work)}


ROUTES: Final = (
    ActRoute("GET", "/v1/self/sessions", Act.SELF, get_sessions),
    ActRoute("POST", "/v1/self/sessions/end-others", Act.SELF, post_end_others, bodiless=True),
    ActRoute("POST", "/v1/self/sessions/{session_id}/end", Act.SELF, post_end, bodiless=True),
)
