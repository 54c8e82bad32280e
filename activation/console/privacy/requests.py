"""Staff on what people asked for: what is due, entered, the identity verified, answered in writing (G4)."""

from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.knowing import options
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.http.privacy.telling import KINDS, OUTCOMES, REGIMES
from activation.licensing.calendars import day_of, midnight
from activation.licensing.identifiers import ACCOUNT, REQUEST, to_text
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.privacy import Answer, How, Kind, Regime
from activation.messages.subscriptions import Login
from activation.service.privacy.persons import account_named, look_up
from activation.service.privacy.requesting import (
    KeptRequest,
    Wanted,
    answer,
    ask_for,
    see_request,
    see_requests,
    verify,
)
from activation.service.working import Work

PATH: Final = "/console/privacy"
PAGE: Final = 50
_OPEN: Final = "open"


class NamedForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data: a login, or an account's id."""

    whose: Login


class EnterForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What came by letter or mail, whose it is, and on which day it came if not today."""

    whose: Login
    kind: Kind
    how: How
    regime: Regime = "gdpr"
    received: date | None = None


class VerifyForm(Struct, frozen=True, forbid_unknown_fields=True):
    """How the identity of who asks was verified."""

    how: Annotated[str, Meta(min_length=3, max_length=500)]


async def see(work: Work, call: Call) -> Page | Refused:
    """List requests of a state, those due first before others."""
    state = call.query.get("state", _OPEN)
    outcome = OUTCOMES.get(state, OUTCOMES[_OPEN])
    kept = await see_requests(work, outcome, id_of(REQUEST, call.query.get("after", "")), PAGE)
    if isinstance(kept, Refused):
        return kept
    return Page(
        "privacy/requests.html",
        "privacy.title",
        requests=kept,
        state=outcome.name.lower(),
        states=options("privacy.states", OUTCOMES),
        next_url=_next(kept, outcome.name.lower()),
        now=work.now,
        today=day_of(work.now, work.desk.week.zone).isoformat(),
        kinds=options("privacy.kinds", KINDS),
        regimes=options("privacy.regimes", REGIMES),
        may_answer=may(work.person.role, Act.ANSWER_PRIVACY),
    )


def _next(kept: list[KeptRequest], state: str) -> str:
    """Return the address of the next page, or "" where this is the last."""
    if len(kept) < PAGE:
        return ""
    return f"{PATH}?{urlencode({'state': state, 'after': to_text(REQUEST, kept[-1].request.request_id)})}"


async def find(work: Work, _call: Call, form: NamedForm) -> SeeOther | Refused:
    """Go to what is kept of somebody, by login or account."""
    account_id = account_named(form.whose)
    known = await look_up(work, account_id)
    if isinstance(known, Refused):
        return _unknown(known)
    return SeeOther(f"{PATH}/accounts/{to_text(ACCOUNT, account_id)}")


async def enter(work: Work, _call: Call, form: EnterForm) -> SeeOther | Refused:
    """Enter what came by letter or mail; its deadline counts from the day on which it came."""
    zone = work.desk.week.zone
    is_earlier = form.received is not None and form.received != day_of(work.now, zone)
    received_at = midnight(form.received, zone) if form.received is not None and is_earlier else None
    wanted = Wanted(KINDS[form.kind], REGIMES[form.regime], form.how, received_at)
    kept = await ask_for(work, account_named(form.whose), wanted)
    if isinstance(kept, Refused):
        return _unknown(kept) if kept.rule == "G3" else kept
    return SeeOther(_address(kept), "privacy.entered")


def _unknown(refused: Refused) -> Refused:
    return Refused(refused.code, refused.rule, refused.detail, facts={"field": "whose"})


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show one request: how it came, who verified it, what is still to be done, the answer."""
    seen = await see_request(work, id_of(REQUEST, call.path["request_id"]))
    if isinstance(seen, Refused):
        return seen
    return Page(
        "privacy/request.html",
        "privacy.request.title",
        title_values={"kind": options("privacy.kinds", [seen.kept.request.kind.name])[0][1]},
        kept=seen.kept,
        request=seen.kept.request,
        missing=seen.missing,
        now=work.now,
        outcomes=[one for one in options("privacy.states", OUTCOMES) if one[0] != _OPEN],
        may_answer=may(work.person.role, Act.ANSWER_PRIVACY),
    )


async def do_verify(work: Work, call: Call, form: VerifyForm) -> SeeOther | Refused:
    """Note how the identity of who asks was verified."""
    kept = await verify(work, id_of(REQUEST, call.path["request_id"]), form.how)
    return kept if isinstance(kept, Refused) else SeeOther(_address(kept), "privacy.verified")


async def do_answer(work: Work, call: Call, form: Answer) -> SeeOther | Refused:
    """Answer a request in writing; the answer is kept, and mailed."""
    kept = await answer(work, id_of(REQUEST, call.path["request_id"]), OUTCOMES[form.outcome], form.answer)
    return kept if isinstance(kept, Refused) else SeeOther(_address(kept), "privacy.answered")


def _address(kept: KeptRequest) -> str:
    return f"{PATH}/requests/{to_text(REQUEST, kept.request.request_id)}"


_ALL: Final = PageRoute(PATH, Act.SEE_PRIVACY, see)
_ONE: Final = PageRoute(f"{PATH}/requests/{{request_id}}", Act.SEE_PRIVACY, see_one)
ROUTES: Final = (
    _ALL,
    _ONE,
    FormRoute(f"{PATH}/find", Act.SEE_PRIVACY, NamedForm, find, _ALL),
    FormRoute(f"{PATH}/requests", Act.ANSWER_PRIVACY, EnterForm, enter, _ALL),
    FormRoute(f"{_ONE.path}/verify", Act.ANSWER_PRIVACY, VerifyForm, do_verify, _ONE),
    FormRoute(f"{_ONE.path}/answer", Act.ANSWER_PRIVACY, Answer, do_answer, _ONE),
)
