"""One's own password, second factor and recovery codes, as pages: each a step in one's session.

What needs a second factor shown shortly before leads to showing it, and back.
"""

from typing import Annotated, Final
from urllib.parse import urlencode

from msgspec import Meta, Struct

from activation.console.open_pages import OpenForm, OpenPage, Went
from activation.console.outcomes import Page, SeeOther
from activation.console.own.account import PATH as OWN
from activation.console.own.account import signed_in
from activation.console.saying import say
from activation.console.showing import STEP_UP
from activation.console.signing_in import NothingForm, picture_of
from activation.http.calls import Call
from activation.http.cookies import session_token_of, set_cookie
from activation.licensing.identity.passwords import LEAST, MOST
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.signing_in import Code, Password, Pending
from activation.service.identity.changing_password import Change, change_password
from activation.service.identity.enrolling import confirm_factor, offer_factor, renew_codes
from activation.service.identity.entering import Entered
from activation.service.identity.factors import uri_of
from activation.service.identity.identifying import STEP_UP as STEP_UP_RULE

PASSWORD: Final = f"{OWN}/password"
FACTOR: Final = f"{OWN}/second-factor"
CODES: Final = f"{OWN}/recovery-codes"


class PasswordForm(Struct, frozen=True, forbid_unknown_fields=True):
    """The password that was, and the one to be."""

    old: Password
    new: Password


class FactorForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the factor that was offered; what was offered comes back to be shown again."""

    pending: Pending
    code: Code
    secret: Annotated[str, Meta(pattern=r"^[A-Z2-7]{16,128}\Z")]


async def see_password(call: Call) -> Page | SeeOther:
    """Ask for the old password and the new one."""
    session = await _proving(call, PASSWORD)
    if isinstance(session, SeeOther):
        return session
    return Page("own/password.html", "own.password.title", least=LEAST, most=MOST)


async def do_password(call: Call, token: str, form: PasswordForm) -> Went | Refused:
    """Change one's own password; all other sessions end."""
    done = await change_password(call.desk, call.caller(), token, Change(form.old, form.new))
    if isinstance(done, Entered):
        return _went(done, SeeOther(OWN, "own.password.done"))
    if done.code is Refusal.CREDENTIALS and done.rule != "session":
        return Refused(done.code, "old_password", say("own.password.wrong"), facts={"field": "old"})
    is_of_new = done.facts.get("field") == "password"
    return Refused(done.code, done.rule, done.detail, facts={"field": "new"}) if is_of_new else done


async def see_factor(call: Call) -> Page | SeeOther:
    """Offer a second factor in place of the one that is; until it works, the old one counts."""
    session = await _proving(call, FACTOR)
    if isinstance(session, SeeOther):
        return session
    offered = await offer_factor(call.desk, call.caller(), session_token_of(call) or "")
    if isinstance(offered, Refused):
        return _step_up(FACTOR)
    return Page(
        "own/second_factor.html",
        "own.factor.title",
        secret=offered.secret,
        pending=offered.pending,
        picture=lambda secret: picture_of(uri_of(secret, session.person.login, call.desk.issuer)),
    )


async def do_factor(call: Call, token: str, form: FactorForm) -> Went | Refused:
    """Take the second factor that a code proves to work; recovery codes are shown this once."""
    done = await confirm_factor(call.desk, call.caller(), token, form.pending, form.code)
    return _codes(done, FACTOR)


async def see_codes(call: Call) -> Page | SeeOther:
    """Tell how many recovery codes are left, and offer new ones."""
    session = await _proving(call, CODES)
    if isinstance(session, SeeOther):
        return session
    return Page("own/recovery_codes.html", "own.codes.title", left=session.codes_left, codes=())


async def do_codes(call: Call, token: str, _form: NothingForm) -> Went | Refused:
    """Make recovery codes anew, shown this once; those before are worth nothing."""
    return _codes(await renew_codes(call.desk, call.caller(), token), CODES)


def _codes(done: Entered | Refused, again: str) -> Went | Refused:
    if isinstance(done, Refused):
        return Went(_step_up(again)) if done.rule == STEP_UP_RULE else done
    left = len(done.codes)
    return _went(done, Page("own/recovery_codes.html", "own.codes.new", left=left, codes=done.codes))


async def _proving(call: Call, here: str) -> Entered | SeeOther:
    """Return the session of who is signed in and has such proofs, or where to go instead."""
    seen = await signed_in(call, here)
    is_end_user = isinstance(seen, Entered) and seen.person.role is Role.END_USER
    return SeeOther(OWN) if is_end_user else seen


def _step_up(then: str) -> SeeOther:
    return SeeOther(f"{STEP_UP}?{urlencode({'next': then})}")


def _went(entered: Entered, to: SeeOther | Page) -> Went:
    cookie = set_cookie(entered.token)["Set-Cookie"] if entered.token is not None else None
    return Went(to, cookie, entered.token)


_PASSWORD: Final = OpenPage(PASSWORD, see_password, is_named=True)
_FACTOR: Final = OpenPage(FACTOR, see_factor, is_named=True)
_CODES: Final = OpenPage(CODES, see_codes, is_named=True)
OPEN_ROUTES: Final = (
    _PASSWORD,
    OpenForm(PASSWORD, PasswordForm, do_password, _PASSWORD),
    _FACTOR,
    OpenForm(FACTOR, FactorForm, do_factor, _FACTOR),
    _CODES,
    OpenForm(CODES, NothingForm, do_codes, _CODES),
)
