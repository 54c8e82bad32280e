"""Sessions as their owners are told of them."""

from typing import Any

from activation.licensing.identifiers import SESSION, to_text
from activation.licensing.identity.sessions import STEP_UP_S, Stage
from activation.messages.signing_in import SessionAnswer
from activation.messages.times import to_rfc3339
from activation.service.identity.entering import Entered
from activation.service.identity.own_sessions import ListedSession

_STAGES = {
    Stage.FACTOR_AWAITED: "second_factor",
    Stage.FACTOR_MISSING: "enrolment",
    Stage.SIGNED_IN: "signed_in",
}


def tell_session(entered: Entered) -> SessionAnswer:
    """Tell a session as it stands after a step."""
    person = entered.person
    told = SessionAnswer(
        to_text(SESSION, entered.session_id),
        _STAGES[entered.stage],
        entered.csrf,
        to_rfc3339(entered.ends_at),
        entered.idle_s,
        person.login,
        person.role,
    )
    if entered.codes:
        told.recovery_codes = list(entered.codes)
    if entered.codes_left is not None:
        told.recovery_codes_left = entered.codes_left
    if entered.stepped_up_at is not None:
        told.stepped_up_until = to_rfc3339(entered.stepped_up_at + STEP_UP_S)
    return told


def tell_listed(session: ListedSession, own_id: int | None) -> dict[str, Any]:
    """Tell one of somebody's sessions; `here` is the one that asks."""
    return {
        "session_id": to_text(SESSION, session.session_id),
        "browser": session.browser,
        "address": session.address,
        "since": to_rfc3339(session.made_at),
        "seen_at": to_rfc3339(session.seen_at),
        "expires_at": to_rfc3339(session.ends_at),
        "here": session.session_id == own_id,
    }
