"""What the licensor's staff call about resets: make, approve, decline, undo; see what they leave open."""

from typing import Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.staff.answering_resets import answer_exposure, answer_overridden, answer_overrides
from activation.licensing.identifiers import LICENSE, RESET
from activation.licensing.overriding import OverrideState
from activation.licensing.roles import Act
from activation.licensing.verdicts import Filed, Refused
from activation.messages.requests import StaffResetRequest, parse_staff_reset
from activation.messages.resets import (
    ExposureAnswer,
    OverrideAnswer,
    OverridesAnswer,
    parse_nothing,
    parse_state,
)
from activation.service.resetting.approving import approve, decline
from activation.service.resetting.exposure import see_exposure
from activation.service.resetting.staff_resets import ask_replacement, list_resets, reset_by_staff
from activation.service.resetting.undoing import undo
from activation.service.working import Work


async def post_reset(work: Work, call: Call, body: bytes) -> OverrideAnswer | Filed | Refused:
    """Free any licence, for a reason (R4); past a bound the request waits for a second person (R5)."""
    message = parse_staff_reset(body)
    done = await reset_by_staff(work, _license_of(call), message.reason, message.note)
    return done if isinstance(done, Filed | Refused) else answer_overridden(done)


async def post_replacement(work: Work, call: Call, body: bytes) -> Filed | Refused:
    """Ask for an offline-activated licence to be revoked and another given in its place (R2)."""
    message = parse_staff_reset(body)
    return await ask_replacement(work, _license_of(call), message.reason, message.note)


async def post_approve(work: Work, call: Call, body: bytes) -> OverrideAnswer | Refused:
    """Approve what a colleague asked for."""
    parse_nothing(body)
    done = await approve(work, _reset_of(call))
    return done if isinstance(done, Refused) else answer_overridden(done)


async def post_decline(work: Work, call: Call, body: bytes) -> OverrideAnswer | Refused:
    """Decline what a colleague asked for, or take one's own request back."""
    parse_nothing(body)
    done = await decline(work, _reset_of(call))
    return done if isinstance(done, Refused) else answer_overridden(done)


async def post_undo(work: Work, call: Call, body: bytes) -> OverrideAnswer | Refused:
    """Undo a reset by staff while no new device has activated."""
    parse_nothing(body)
    done = await undo(work, _reset_of(call))
    return done if isinstance(done, Refused) else answer_overridden(done)


async def get_resets(work: Work, call: Call, _body: bytes) -> OverridesAnswer:
    """`?state=` waiting (unless another is named), done, declined or undone; more with `?after=`."""
    state = OverrideState[parse_state(call.query.get("state", "waiting")).upper()]
    after = id_of(RESET, call.query.get("after", ""))
    return answer_overrides(await list_resets(work, state, after))


async def get_exposure(work: Work, call: Call, _body: bytes) -> ExposureAnswer | Refused:
    """Tell what a reset of this licence would leave open (R6)."""
    shown = await see_exposure(work, _license_of(call))
    return shown if isinstance(shown, Refused) else answer_exposure(shown)


def _license_of(call: Call) -> int:
    return id_of(LICENSE, call.path["license_id"])


def _reset_of(call: Call) -> int:
    return id_of(RESET, call.path["reset_id"])


_LICENSE: Final = "/v1/staff/licenses/{license_id}"
_RESET: Final = "/v1/staff/resets/{reset_id}"

ROUTES: Final = (
    ActRoute("POST", f"{_LICENSE}/resets", Act.RESET, post_reset, takes=StaffResetRequest),
    ActRoute("POST", f"{_LICENSE}/replacement", Act.REPLACE, post_replacement, takes=StaffResetRequest),
    ActRoute("GET", f"{_LICENSE}/exposure", Act.SEE_RESETS, get_exposure),
    ActRoute("GET", "/v1/staff/resets", Act.SEE_RESETS, get_resets),
    ActRoute("POST", f"{_RESET}/approve", Act.APPROVE, post_approve, bodiless=True),
    ActRoute("POST", f"{_RESET}/decline", Act.APPROVE, post_decline, bodiless=True),
    ActRoute("POST", f"{_RESET}/undo", Act.RESET, post_undo, bodiless=True),
)
