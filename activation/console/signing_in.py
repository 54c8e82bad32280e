"""Signing in by steps, as pages: the same use cases as under /v1/self/… (http/self/signing_in.py)."""

import io
from typing import Annotated, Final
from urllib.parse import urlencode

import segno
from markupsafe import Markup
from msgspec import Meta, Struct

from activation.console.open_pages import OpenForm, OpenPage, Went
from activation.console.outcomes import HOME, Page, SeeOther, own_path
from activation.console.showing import SIGN_IN, STEP_UP
from activation.http.browsers import browser_of
from activation.http.calls import Call
from activation.http.cookies import clear_cookie, session_token_of, set_cookie
from activation.licensing.identity.sessions import Stage
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refused
from activation.messages.signing_in import Code, Login, Password, Pending, RecoveryCode
from activation.messages.strict import MalformedError
from activation.service.identity.enrolling import confirm_factor, offer_factor
from activation.service.identity.entering import Entered
from activation.service.identity.factors import uri_of
from activation.service.identity.own_sessions import see_session, sign_out
from activation.service.identity.second_factor import Factor, show_second_factor, step_up
from activation.service.identity.signing_in import Shown, sign_in

SECOND_FACTOR: Final = "/console/second-factor"
SET_UP: Final = "/console/set-up"
SIGN_OUT: Final = "/console/sign-out"
_WHERE: Final = {Stage.FACTOR_AWAITED: SECOND_FACTOR, Stage.FACTOR_MISSING: SET_UP}
Next = Annotated[str, Meta(max_length=1000)]


class SignInForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Login and password."""

    login: Login
    password: Password
    then: Next = ""


class FactorForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A code, or a recovery code."""

    code: Code | None = None
    recovery_code: RecoveryCode | None = None
    then: Next = ""


class SetUpForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the second factor that was offered; what was offered comes back to be shown again."""

    pending: Pending
    code: Code
    secret: Annotated[str, Meta(pattern=r"^[A-Z2-7]{16,128}\Z")]
    then: Next = ""


class StepUpForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A code; an end user's password."""

    code: Code | None = None
    password: Password | None = None
    then: Next = ""


class NothingForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def _session(call: Call) -> Entered | None:
    token = session_token_of(call)
    seen = await see_session(call.desk, call.caller(), token) if token is not None else None
    return seen if isinstance(seen, Entered) else None


def _then(call: Call) -> str:
    """Return where a step leads in the end: told in the address, an address of our own or home."""
    return own_path(call.query.get("next", ""))


def _onwards(entered: Entered, then: str) -> SeeOther:
    """Return the next step of signing in, or where it leads."""
    where = _WHERE.get(entered.stage)
    then = own_path(then)
    if where is None:
        return SeeOther(then)
    return SeeOther(where if then == HOME else f"{where}?{urlencode({'next': then})}")


def _went(entered: Entered, then: str) -> Went:
    cookie = set_cookie(entered.token)["Set-Cookie"] if entered.token is not None else None
    return Went(_onwards(entered, then), cookie, entered.token)


async def see_sign_in(call: Call) -> Page | SeeOther:
    """Ask for login and password; who is signed in goes on."""
    session = await _session(call) if call.route.startswith("GET ") else None
    if session is not None:
        return _onwards(session, _then(call))
    return Page("signing/sign_in.html", "signing.sign_in.title", then=_then(call))


async def do_sign_in(call: Call, token: str, form: SignInForm) -> Went | Refused:
    """Sign in with login and password; staff and resellers' users have a second step before them."""
    browser = browser_of(call.headers.get("User-Agent", ""))
    done = await sign_in(call.desk, call.caller(), Shown(form.login, form.password, browser, token or None))
    return done if isinstance(done, Refused) else _went(done, form.then)


async def see_second_factor(call: Call) -> Page | SeeOther:
    """Ask for a code of the second factor, or a recovery code."""
    session = await _session(call)
    if session is None:
        return SeeOther(SIGN_IN)
    if session.stage is not Stage.FACTOR_AWAITED:
        return _onwards(session, _then(call))
    return Page("signing/second_factor.html", "signing.second_factor.title", then=_then(call))


async def do_second_factor(call: Call, token: str, form: FactorForm) -> Went | Refused:
    """Finish signing in with a code, or with a recovery code; each is good once."""
    if (form.code is None) is (form.recovery_code is None):
        raise MalformedError("code", "Expected one: missing required field")
    done = await show_second_factor(call.desk, call.caller(), token, Factor(form.code, form.recovery_code))
    return done if isinstance(done, Refused) else _went(done, form.then)


async def see_set_up(call: Call) -> Page | SeeOther:
    """Offer a second factor to set up, as a picture for a phone and as letters."""
    token, session = session_token_of(call), await _session(call)
    if session is None or token is None:
        return SeeOther(SIGN_IN)
    if session.stage is not Stage.FACTOR_MISSING:
        return _onwards(session, _then(call))
    offered = await offer_factor(call.desk, call.caller(), token)
    if isinstance(offered, Refused):
        return SeeOther(SIGN_IN)
    return Page(
        "signing/set_up.html",
        "signing.set_up.title",
        then=_then(call),
        secret=offered.secret,
        pending=offered.pending,
        picture=lambda secret: picture_of(uri_of(secret, session.person.login, call.desk.issuer)),
    )


async def do_set_up(call: Call, token: str, form: SetUpForm) -> Went | Refused:
    """Take the second factor that a code proves to work; recovery codes are shown this once."""
    done = await confirm_factor(call.desk, call.caller(), token, form.pending, form.code)
    if isinstance(done, Refused):
        return done
    page = Page(
        "signing/recovery_codes.html",
        "signing.recovery.title",
        codes=done.codes,
        then=own_path(form.then),
    )
    went = _went(done, form.then)
    return Went(page, went.cookie, went.token)


async def see_step_up(call: Call) -> Page | SeeOther:
    """Ask for the second factor again, an end user for the password."""
    session = await _session(call)
    if session is None or session.stage is not Stage.SIGNED_IN:
        return SeeOther(SIGN_IN)
    is_end_user = session.person.role is Role.END_USER
    return Page("signing/step_up.html", "signing.step_up.title", then=_then(call), is_end_user=is_end_user)


async def do_step_up(call: Call, token: str, form: StepUpForm) -> Went | Refused:
    """Show the second factor again: ten minutes for what is dangerous."""
    if (form.code is None) is (form.password is None):
        raise MalformedError("code", "Expected one: missing required field")
    done = await step_up(call.desk, call.caller(), token, Factor(form.code, password=form.password))
    return done if isinstance(done, Refused) else _went(done, form.then)


async def do_sign_out(call: Call, token: str, _form: NothingForm) -> Went | Refused:
    """Sign out: the session ends, and its cookie is worth nothing."""
    refused = await sign_out(call.desk, call.caller(), token)
    return refused or Went(SeeOther(SIGN_IN, "signing.signed_out"), clear_cookie()["Set-Cookie"])


def picture_of(uri: str) -> Markup:
    """Return a QR picture as SVG."""
    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        scale=5,
        border=3,
        svgclass="qr",
        lineclass=None,
        dark="#111",
        light="#fff",
    )
    return Markup(out.getvalue().decode())  # noqa: S704  (made of squares alone)


_SIGN_IN: Final = OpenPage(SIGN_IN, see_sign_in)
_SECOND_FACTOR: Final = OpenPage(SECOND_FACTOR, see_second_factor)
_SET_UP: Final = OpenPage(SET_UP, see_set_up)
_STEP_UP: Final = OpenPage(STEP_UP, see_step_up, is_named=True)
OPEN_ROUTES: Final = (
    _SIGN_IN,
    OpenForm(SIGN_IN, SignInForm, do_sign_in, _SIGN_IN, in_session=False),
    _SECOND_FACTOR,
    OpenForm(SECOND_FACTOR, FactorForm, do_second_factor, _SECOND_FACTOR),
    _SET_UP,
    OpenForm(SET_UP, SetUpForm, do_set_up, _SET_UP),
    _STEP_UP,
    OpenForm(STEP_UP, StepUpForm, do_step_up, _STEP_UP),
    OpenForm(SIGN_OUT, NothingForm, do_sign_out, _SIGN_IN),
)
