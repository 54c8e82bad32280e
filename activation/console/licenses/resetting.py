"""R4-R6: staff free a licence from its device: what that leaves open, why it is done, how far one may go."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.rendering import distance, say_of
from activation.console.wording import explain
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import LICENSE, RESET, to_text
from activation.licensing.roles import MAY, Act, may
from activation.licensing.verdicts import Filed, Refused
from activation.messages.requests import REASONS
from activation.service.resetting.exposure import Shown
from activation.service.resetting.previewing import preview
from activation.service.resetting.staff_resets import reset_by_staff
from activation.service.working import Work

Reason = Literal[
    "hardware_failure", "device_lost", "device_replaced", "reinstallation", "mistaken_activation", "other"
]
"""`messages/requests.py`'s REASONS; a test holds them to be the same."""
Note = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]


class ResetForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a licence is freed, or given up for another: it is kept, and never goes to the customer."""

    reason: Reason
    note: Note


async def see(work: Work, call: Call) -> Page | Refused:
    """Show what a reset of this licence leaves open (R6), which bound applies and who may approve (R5)."""
    previewed = await preview(work, license_of(call))
    if isinstance(previewed, Refused):
        return previewed
    return Page(
        "licenses/reset.html",
        "resetting.title",
        previewed=previewed,
        ends_in=ends_in(previewed.shown),
        refused=explain(previewed.reset_refused) if previewed.reset_refused is not None else None,
        may_reset=may(work.person.role, Act.RESET),
        may_replace=may(work.person.role, Act.REPLACE),
        approvers=sorted(MAY[Act.APPROVE]),
        named_reasons=named_reasons(),
        zone=work.desk.week.zone.key,
    )


async def reset(work: Work, call: Call, form: ResetForm) -> SeeOther | Filed | Refused:
    """Free the licence (R4); past a bound the request waits for a second person (R5)."""
    done = await reset_by_staff(work, license_of(call), form.reason, form.note)
    if isinstance(done, Filed | Refused):
        return done
    return SeeOther(f"/console/approvals/{to_text(RESET, done.override.reset_id)}", "resetting.done")


def named_reasons() -> list[tuple[str, str]]:
    """Return the reasons for a reset with their words, in their order."""
    return [(reason, say_of("reasons", reason)) for reason in REASONS]


def ends_in(shown: Shown) -> str:
    """Return in words how long the old device's certificate still works, "" if it does not (R6)."""
    until = shown.figures.certificate_until
    return distance(until - shown.now) if until is not None and until > shown.now else ""


def license_of(call: Call) -> int:
    """Return the licence that the path names; 0, which is nobody's, when it is none."""
    return id_of(LICENSE, call.path["license_id"])


_PAGE: Final = PageRoute("/console/licenses/{license_id}/reset", Act.SEE_RESETS, see)
ROUTES: Final = (_PAGE, FormRoute(_PAGE.path, Act.RESET, ResetForm, reset, _PAGE))
