"""End users on their own data: what is known, corrected, copied; consent and its limits (G3, G8)."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.copies import copy_of
from activation.console.privacy.knowing import KnownForm, fields_of
from activation.http.calls import Call, Reply
from activation.licensing.privacy.consenting import MARKETING, Wishes
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.privacy import Confirmation
from activation.service.privacy.consenting import Said, say, see_consents
from activation.service.privacy.persons import look_up, see_person
from activation.service.privacy.rectifying import confirm_email, rectify
from activation.service.privacy.requesting import SIGNED_IN
from activation.service.privacy.restricting import lift, object_to_use, restrict, withdraw_objection
from activation.service.working import Work

PATH: Final = "/console/mine/data"
CONSENT_TEXT: Final = "console-1"
"""The version of what is asked in texts/en/mine_data.toml, `consent.question`: another text, another name."""


class ConsentForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Yes or no to marketing."""

    given: bool


class ButtonForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


async def see(work: Work, _call: Call) -> Page | Refused:
    """Show what is known of oneself, and what one wants done with it."""
    account_id = work.person.person_id
    known = await see_person(work, account_id)
    wishes = await look_up(work, account_id)
    consents = await see_consents(work, account_id, MARKETING)
    if isinstance(known, Refused):
        return known
    return Page("mine/data.html", "mine_data.title", known=known, wishes=wishes, consents=consents)


async def get_copy(work: Work, _call: Call) -> Reply | Refused:
    """Hand out a copy of all that is known of oneself, as a file."""
    return await copy_of(work, work.person.person_id)


async def correct(work: Work, _call: Call, form: KnownForm) -> SeeOther | Refused:
    """Correct what is known of oneself; a new e-mail counts once its code came back."""
    known = await see_person(work, work.person.person_id)
    if isinstance(known, Refused):
        return known
    fields = fields_of(form, known)
    if isinstance(fields, Refused):
        return fields
    changed = await rectify(work, work.person.person_id, fields)
    if isinstance(changed, Refused):
        return changed
    if "email" in changed:
        return SeeOther(PATH, "mine_data.corrected_email")
    return SeeOther(PATH, "mine_data.corrected" if changed else "mine_data.unchanged")


async def confirm(work: Work, _call: Call, form: Confirmation) -> SeeOther | Refused:
    """Confirm a new e-mail by the code that was mailed to it."""
    refused = await confirm_email(work, work.person.person_id, form.code)
    return refused or SeeOther(PATH, "mine_data.confirmed")


async def consent(work: Work, _call: Call, form: ConsentForm) -> SeeOther | Refused:
    """Give consent to marketing, or withdraw it (G8)."""
    said = Said(MARKETING, form.given, SIGNED_IN, CONSENT_TEXT)
    done = await say(work, work.person.person_id, said)
    if isinstance(done, Refused):
        return done
    return SeeOther(PATH, "mine_data.consent.said_yes" if form.given else "mine_data.consent.said_no")


def _wish(
    do: Callable[[Work, int], Awaitable[Wishes | Refused]], told: str
) -> Callable[[Work, Call, ButtonForm], Awaitable[SeeOther | Refused]]:
    """Return what carries out a wish of the person who is signed in (G3)."""

    async def act(work: Work, _call: Call, _form: ButtonForm) -> SeeOther | Refused:
        done = await do(work, work.person.person_id)
        return done if isinstance(done, Refused) else SeeOther(PATH, told)

    act.__doc__ = do.__doc__
    return act


_WISHES: Final = {
    "restrict": _wish(restrict, "mine_data.wishes.restricted"),
    "lift": _wish(lift, "mine_data.wishes.lifted"),
    "object": _wish(object_to_use, "mine_data.wishes.objected"),
    "withdraw": _wish(withdraw_objection, "mine_data.wishes.withdrawn"),
}
"""Restriction and objection: what each form's last word does."""
_MINE: Final = Act.MINE_PRIVACY
_PAGE: Final = PageRoute(PATH, _MINE, see)
ROUTES: Final[tuple[PageRoute | FormRoute, ...]] = (
    _PAGE,
    PageRoute(f"{PATH}/copy", _MINE, get_copy),
    FormRoute(f"{PATH}/correct", _MINE, KnownForm, correct, _PAGE),
    FormRoute(f"{PATH}/confirm", _MINE, Confirmation, confirm, _PAGE),
    FormRoute(f"{PATH}/consent", _MINE, ConsentForm, consent, _PAGE),
    *(FormRoute(f"{PATH}/{name}", _MINE, ButtonForm, do, _PAGE) for name, do in _WISHES.items()),
)
