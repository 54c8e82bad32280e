"""End users on their own account: terms accepted, the activation password, closing it (G3, G8)."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.mine.data import ButtonForm
from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.erasing import told_of
from activation.console.showing import SIGN_IN
from activation.http.calls import Call
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.erasures import ErasureRequest
from activation.service.activating.holdings import who_am_i
from activation.service.identity.activation_passwords import (
    end_activation_password,
    has_activation_password,
    make_activation_password,
)
from activation.service.privacy.closing import close_mine, see_closing
from activation.service.reselling.agreeing import accept_terms, see_terms
from activation.service.working import Work

PATH: Final = "/console/mine/account"
_PASSWORD: Final = f"{PATH}/activation-password"


class AcceptForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Which version of the terms is accepted."""

    version: Annotated[str, Meta(min_length=1, max_length=32)]


async def see(work: Work, _call: Call) -> Page:
    """Show one's account: login, terms, whether there is an activation password, and how to close it."""
    held = await who_am_i(work)
    return Page(
        "mine/account.html",
        "mine_account.title",
        held=held,
        account_id=work.person.person_id,
        terms=await see_terms(work, work.person.person_id),
        has_activation_password=await has_activation_password(work),
    )


async def accept(work: Work, _call: Call, form: AcceptForm) -> SeeOther | Refused:
    """Accept a version of the terms (G8)."""
    done = await accept_terms(work, work.person.person_id, form.version)
    return done if isinstance(done, Refused) else SeeOther(PATH, "mine_account.terms.accepted")


async def make_password(work: Work, _call: Call, _form: ButtonForm) -> Page:
    """Generate an activation password; it is shown on this page, once."""
    made = await make_activation_password(work)
    return Page(
        "mine/activation_password.html",
        "mine_account.password.made",
        login=work.person.login,
        password=made.password,
        replaced=made.replaced,
    )


async def end_password(work: Work, _call: Call, _form: ButtonForm) -> SeeOther | Refused:
    """End the activation password."""
    return await end_activation_password(work) or SeeOther(PATH, "mine_account.password.ended")


async def see_close(work: Work, _call: Call) -> Page | Refused:
    """Show what closing one's account ends, what stays to be paid, what is kept, why and until when."""
    preview = await see_closing(work)
    if isinstance(preview, Refused):
        return preview
    return Page("mine/closing.html", "mine_account.close.title", **told_of(work, preview))


async def close(work: Work, _call: Call, form: ErasureRequest) -> SeeOther | Refused:
    """Close one's account, if all stands as it was shown. Nobody is signed in after it."""
    done = await close_mine(work, form.shown)
    return done if isinstance(done, Refused) else SeeOther(SIGN_IN, "mine_account.close.done")


_PAGE: Final = PageRoute(PATH, Act.MINE_SEE, see)
_CLOSING: Final = PageRoute(f"{PATH}/closing", Act.MINE_PRIVACY, see_close)
ROUTES: Final = (
    _PAGE,
    _CLOSING,
    FormRoute(f"{PATH}/terms", Act.MINE_PRIVACY, AcceptForm, accept, _PAGE),
    FormRoute(_PASSWORD, Act.MINE_ACCOUNT, ButtonForm, make_password, _PAGE),
    FormRoute(f"{_PASSWORD}/end", Act.MINE_ACCOUNT, ButtonForm, end_password, _PAGE),
    FormRoute(_CLOSING.path, Act.MINE_ACCOUNT, ErasureRequest, close, _CLOSING),
)
