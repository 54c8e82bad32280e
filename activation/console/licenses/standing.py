"""L5, L8, R2: sales suspend, reinstate, extend, replace or revoke a licence, for a reason that is kept."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.licenses.resetting import Note, ResetForm, ends_in, license_of, named_reasons
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.wording import explain
from activation.http.calls import Call
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.model import Hold, LicenseKind
from activation.licensing.roles import MAY, Act
from activation.licensing.verdicts import Filed, Refused
from activation.service.licenses.finding import Seen, see_notes
from activation.service.licenses.tending import (
    extend_license,
    reinstate_license,
    revoke_license,
    suspend_license,
)
from activation.service.resetting.previewing import preview
from activation.service.resetting.reviewing import name_staff
from activation.service.resetting.staff_resets import ask_replacement
from activation.service.working import Work

MOST_NOTES: Final = 20


class NoteForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is done: kept with the licence."""

    note: Note


async def see(work: Work, call: Call) -> Page | Refused:
    """Show how a licence stands, what holds it, and what can be done about it and what not."""
    license_id = license_of(call)
    previewed = await preview(work, license_id)
    if isinstance(previewed, Refused):
        return previewed
    held = previewed.seen.license
    notes = await see_notes(work, license_id)
    refused = previewed.replacement_refused
    return Page(
        "licenses/standing.html",
        "standing.title",
        previewed=previewed,
        ends_in=ends_in(previewed.shown),
        refused=explain(refused) if refused is not None else None,
        holds=[(one.name or "").lower() for one in Hold if one & held.holds],
        is_evaluation=held.kind is LicenseKind.EVALUATION,
        is_offline=any(not device.online for device in held.devices),
        notes=notes[:MOST_NOTES],
        logins=await name_staff(work, (one.staff_id for one in notes)),
        named_reasons=named_reasons(),
        approvers=sorted(MAY[Act.APPROVE]),
    )


async def replace(work: Work, call: Call, form: ResetForm) -> Filed | Refused:
    """Ask for an offline-activated licence to be revoked and another given in its place (R2)."""
    return await ask_replacement(work, license_of(call), form.reason, form.note)


Tend = Callable[[Work, int, str], Awaitable[Seen | Refused]]


def _tend(tend: Tend, told: str) -> Callable[[Work, Call, NoteForm], Awaitable[SeeOther | Refused]]:
    """Return what changes the standing of the licence that the path names, and then says so."""

    async def post(work: Work, call: Call, form: NoteForm) -> SeeOther | Refused:
        license_id = license_of(call)
        done = await tend(work, license_id, form.note)
        if isinstance(done, Refused):
            return done
        return SeeOther(f"/console/licenses/{to_text(LICENSE, license_id)}", told)

    post.__doc__ = tend.__doc__
    return post


_PAGE: Final = PageRoute("/console/licenses/{license_id}/standing", Act.SUSPEND, see)
_PATH: Final = _PAGE.path
_SUSPEND: Final = _tend(suspend_license, "standing.told.suspended")
_REINSTATE: Final = _tend(reinstate_license, "standing.told.reinstated")
_EXTEND: Final = _tend(extend_license, "standing.told.extended")
_REVOKE: Final = _tend(revoke_license, "standing.told.revoked")
ROUTES: Final = (
    _PAGE,
    FormRoute(f"{_PATH}/suspend", Act.SUSPEND, NoteForm, _SUSPEND, _PAGE),
    FormRoute(f"{_PATH}/reinstate", Act.SUSPEND, NoteForm, _REINSTATE, _PAGE),
    FormRoute(f"{_PATH}/extend", Act.EXTEND, NoteForm, _EXTEND, _PAGE),
    FormRoute(f"{_PATH}/revoke", Act.REVOKE, NoteForm, _REVOKE, _PAGE),
    FormRoute(f"{_PATH}/replace", Act.REPLACE, ResetForm, replace, _PAGE),
)
