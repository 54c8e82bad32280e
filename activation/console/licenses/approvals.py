"""R5: what waits for a second person; approved, declined, taken back; what was done, and undone."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.licenses.resetting import ends_in
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.wording import Explanation, explain
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import RESET, to_text
from activation.licensing.overriding import Override, OverrideKind, OverrideState, refuse_approval
from activation.licensing.roles import MAY, Act, may
from activation.licensing.verdicts import Refused
from activation.service.resetting.approving import approve, decline
from activation.service.resetting.overrides import Overridden
from activation.service.resetting.previewing import Preview
from activation.service.resetting.reviewing import review_reset, review_resets
from activation.service.resetting.undoing import undo
from activation.service.working import Work

PATH: Final = "/console/approvals"
_STATES: Final = tuple(one.name.lower() for one in OverrideState)


class DecideForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see_all(work: Work, call: Call) -> Page:
    """List what waits for a second person, the oldest first; `?state=` done, declined, undone the newest."""
    asked = call.query.get("state", "waiting")
    state = asked if asked in _STATES else "waiting"
    after = id_of(RESET, call.query.get("after", ""))
    found = await review_resets(work, OverrideState[state.upper()], after)
    following = to_text(RESET, found.next_after) if found.next_after is not None else ""
    return Page(
        "licenses/approvals.html",
        "approvals.title",
        found=found,
        state=state,
        states=_STATES,
        person_id=work.person.person_id,
        next_url=f"{PATH}?state={state}&after={following}" if following else "",
    )


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show one reset by staff: who asked, why, what it leaves open (R6), and what can be done about it."""
    review = await review_reset(work, id_of(RESET, call.path["reset_id"]))
    if isinstance(review, Refused):
        return review
    override, previewed = review.override, review.preview
    refused = _refuse_now(override, previewed)
    is_replacement = override.kind is OverrideKind.REPLACEMENT
    return Page(
        "licenses/approval.html",
        "approvals.replacement" if is_replacement else "approvals.reset",
        override=override,
        kind=override.kind.name.lower(),
        state=override.state.name.lower(),
        logins=review.logins,
        previewed=previewed,
        ends_in=ends_in(previewed.shown),
        refused=explain(refused) if refused is not None else None,
        own=_explain_own(override) if override.staff_id == work.person.person_id else None,
        may_decide=may(work.person.role, Act.APPROVE),
        may_undo=may(work.person.role, Act.RESET),
        approvers=sorted(MAY[Act.APPROVE]),
    )


def _refuse_now(override: Override, previewed: Preview) -> Refused | None:
    """Return what a rule says against doing now what waits, None where nothing does."""
    if override.kind is OverrideKind.REPLACEMENT:
        return previewed.replacement_refused
    return previewed.reset_refused


def _explain_own(override: Override) -> Explanation | None:
    """Return in words why nobody approves their own, None once it is decided."""
    refused = refuse_approval(override, override.staff_id)
    return explain(refused) if refused is not None and override.state is OverrideState.WAITING else None


Decide = Callable[[Work, int], Awaitable[Overridden | Refused]]


def _decide(decide: Decide, told: str) -> Callable[[Work, Call, DecideForm], Awaitable[SeeOther | Refused]]:
    """Return what decides about the reset that the path names, and tells of it by a text's key."""

    async def post(work: Work, call: Call, _form: DecideForm) -> SeeOther | Refused:
        done = await decide(work, id_of(RESET, call.path["reset_id"]))
        if isinstance(done, Refused):
            return done
        return SeeOther(f"{PATH}/{to_text(RESET, done.override.reset_id)}", told)

    post.__doc__ = decide.__doc__
    return post


_ONE: Final = PageRoute(f"{PATH}/{{reset_id}}", Act.SEE_RESETS, see_one)
ROUTES: Final = (
    PageRoute(PATH, Act.SEE_RESETS, see_all),
    _ONE,
    FormRoute(
        f"{_ONE.path}/approve", Act.APPROVE, DecideForm, _decide(approve, "approvals.told.approved"), _ONE
    ),
    FormRoute(
        f"{_ONE.path}/decline", Act.APPROVE, DecideForm, _decide(decline, "approvals.told.declined"), _ONE
    ),
    FormRoute(f"{_ONE.path}/undo", Act.RESET, DecideForm, _decide(undo, "approvals.told.undone"), _ONE),
)
