"""One's own API tokens: listed, made, revoked."""

from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.rendering import say_of
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import TOKEN
from activation.licensing.roles import Act, Role
from activation.licensing.verdicts import Refused
from activation.messages.people import MOST_DAYS, Days, Scopes, TokenName, scopes_of
from activation.service.identity.tokens import (
    DEFAULT_DAYS,
    WantedToken,
    acts_to_give,
    list_own,
    make_token,
    revoke_own,
)
from activation.service.working import Work

PATH: Final = "/console/own/tokens"


class TokenForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A token to make: acts of one's role that it is for, and days until it ends."""

    name: TokenName
    scopes: Scopes
    days: Days = DEFAULT_DAYS


class RevokeForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see(work: Work, _call: Call) -> Page:
    """List one's own tokens, ended ones too, and offer to make one."""
    acts = [(act, say_of("acts.names", act.replace(".", "_"))) for act in acts_to_give(work.person)]
    return Page(
        "own/tokens.html",
        "tokens.title",
        tokens=await list_own(work),
        now=work.now,
        acts=sorted(acts, key=lambda act: act[1]),
        most_days=MOST_DAYS,
        days=DEFAULT_DAYS,
        is_end_user=work.person.role is Role.END_USER,
    )


async def make(work: Work, _call: Call, form: TokenForm) -> Page | Refused:
    """Make a token for acts that one may do oneself; it is shown this once."""
    made = await make_token(work, WantedToken(form.name, scopes_of(form.scopes), form.days))
    if isinstance(made, Refused):
        return made
    return Page("own/token_made.html", "tokens.made", token=made.token, stored=made.stored)


async def revoke(work: Work, call: Call, _form: RevokeForm) -> SeeOther | Refused:
    """End one of one's own tokens, at once."""
    done = await revoke_own(work, id_of(TOKEN, call.path["token_id"]))
    return done if isinstance(done, Refused) else SeeOther(PATH, "tokens.revoked")


_PAGE: Final = PageRoute(PATH, Act.SELF, see)
ROUTES: Final = (
    _PAGE,
    FormRoute(PATH, Act.SELF, TokenForm, make, _PAGE),
    FormRoute(f"{PATH}/{{token_id}}/revoke", Act.SELF, RevokeForm, revoke, _PAGE),
)
