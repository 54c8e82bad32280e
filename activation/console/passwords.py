"""A forgotten password, as pages: a link is asked for, and used up. Nobody is signed in here."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.open_pages import OpenForm, OpenPage, Went
from activation.console.outcomes import Page
from activation.http.calls import Call
from activation.licensing.verdicts import Refused
from activation.messages.people import LinkRequest
from activation.messages.signing_in import Password
from activation.service.identity.forgotten import LINK_S, ask_for_link, change_forgotten

FORGOTTEN: Final = "/console/forgotten"
NEW_PASSWORD: Final = "/console/password"  # noqa: S105  (an address; the link in the mail names it)


class NewPasswordForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What the mail says, and the password to be; end users' is generated."""

    link: Annotated[str, Meta(min_length=1, max_length=128)]
    password: Password | None = None


async def see_forgotten(_call: Call) -> Page:
    """Ask whose password was forgotten."""
    return Page("signing/forgotten.html", "signing.forgotten.title", is_sent=False, minutes=LINK_S // 60)


async def do_forgotten(call: Call, _token: str, form: LinkRequest) -> Went | Refused:
    """Have a link mailed; the page is the same for whom nobody knows."""
    refused = await ask_for_link(call.desk, call.caller(), form.login_or_email)
    sent = Page("signing/forgotten.html", "signing.forgotten.title", is_sent=True, minutes=LINK_S // 60)
    return refused or Went(sent)


async def see_new_password(_call: Call) -> Page:
    """Ask for a new password. What the link holds stands behind its #, where no server's log sees it."""
    return Page("signing/new_password.html", "signing.new_password.title", done=None)


async def do_new_password(call: Call, _token: str, form: NewPasswordForm) -> Went | Refused:
    """Use the link up for a new password; an end user's is generated, and shown this once."""
    done = await change_forgotten(call.desk, call.caller(), form.link, form.password)
    if isinstance(done, Refused):
        return done
    return Went(Page("signing/new_password.html", "signing.new_password.done", done=done))


_FORGOTTEN: Final = OpenPage(FORGOTTEN, see_forgotten)
_NEW_PASSWORD: Final = OpenPage(NEW_PASSWORD, see_new_password)
OPEN_ROUTES: Final = (
    _FORGOTTEN,
    OpenForm(FORGOTTEN, LinkRequest, do_forgotten, _FORGOTTEN, in_session=False),
    _NEW_PASSWORD,
    OpenForm(NEW_PASSWORD, NewPasswordForm, do_new_password, _NEW_PASSWORD, in_session=False),
)
