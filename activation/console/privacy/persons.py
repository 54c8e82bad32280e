"""Staff on one person: consents, restriction and objection, what was asked; data corrected and handed out."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.copies import copy_of
from activation.console.privacy.knowing import KnownForm, fields_of
from activation.http.calls import Call, Reply
from activation.http.naming import id_of
from activation.licensing.identifiers import ACCOUNT, to_text
from activation.licensing.privacy.consenting import MARKETING, Wishes
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.privacy import How
from activation.messages.reselling import Version
from activation.service.privacy.consenting import Said, say, see_consents
from activation.service.privacy.persons import look_up, see_person
from activation.service.privacy.rectifying import rectify
from activation.service.privacy.requesting import see_of
from activation.service.privacy.restricting import lift, object_to_use, restrict, withdraw_objection
from activation.service.working import Work

PATH: Final = "/console/privacy/accounts/{account_id}"


class ConsentForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person told staff of marketing, how, and of which text."""

    given: bool
    how: How
    version: Version


class ButtonForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A button."""


def whose(call: Call) -> int:
    """Return the account that the path names."""
    return id_of(ACCOUNT, call.path["account_id"])


def address_of(account_id: int) -> str:
    """Return the address of a person's page."""
    return PATH.format(account_id=to_text(ACCOUNT, account_id))


async def see(work: Work, call: Call) -> Page | Refused:
    """Show what a person wants done with the data, what was asked for, and what may be done here."""
    account_id = whose(call)
    wishes = await look_up(work, account_id)
    if isinstance(wishes, Refused):
        return wishes
    role = work.person.role
    return Page(
        "privacy/person.html",
        "privacy.person.title",
        title_values={"account": to_text(ACCOUNT, account_id)},
        account_id=account_id,
        wishes=wishes,
        consents=await see_consents(work, account_id, MARKETING),
        requests=(await see_of(work, account_id))[::-1],
        now=work.now,
        may_answer=may(role, Act.ANSWER_PRIVACY) and not wishes.closed,
        may_correct=may(role, Act.RECTIFY) and not wishes.closed,
        may_export=may(role, Act.EXPORT_PERSON),
        may_erase=may(role, Act.ERASE),
        may_see_account=may(role, Act.SEE_ACCOUNTS),
    )


async def see_data(work: Work, call: Call) -> Page | Refused:
    """Show what is known of a person, to be corrected."""
    known = await see_person(work, whose(call))
    if isinstance(known, Refused):
        return known
    return Page("privacy/data.html", "privacy.data.title", known=known, account_id=whose(call))


async def correct(work: Work, call: Call, form: KnownForm) -> SeeOther | Refused:
    """Correct what is known of a person (G3)."""
    known = await see_person(work, whose(call))
    fields = known if isinstance(known, Refused) else fields_of(form, known)
    changed = fields if isinstance(fields, Refused) else await rectify(work, whose(call), fields)
    if isinstance(changed, Refused):
        return changed
    told = "privacy.data.corrected" if changed else "privacy.data.unchanged"
    return SeeOther(address_of(whose(call)), told)


async def see_copy(work: Work, call: Call) -> Page | Refused:
    """Offer a copy of what is known of a person; the second factor is shown here, not at the file."""
    wishes = await look_up(work, whose(call))
    if isinstance(wishes, Refused):
        return wishes
    return Page("privacy/copy.html", "privacy.copy.title", account_id=whose(call))


async def get_copy(work: Work, call: Call) -> Reply | Refused:
    """Hand out a copy of all that is known of a person, for that person (G3)."""
    return await copy_of(work, whose(call))


async def consent(work: Work, call: Call, form: ConsentForm) -> SeeOther | Refused:
    """Enter what a person told staff of marketing (G8)."""
    done = await say(work, whose(call), Said(MARKETING, form.given, form.how, form.version))
    return done if isinstance(done, Refused) else SeeOther(address_of(whose(call)), "privacy.consent.entered")


def _wish(
    do: Callable[[Work, int], Awaitable[Wishes | Refused]], told: str
) -> Callable[[Work, Call, ButtonForm], Awaitable[SeeOther | Refused]]:
    """Return what carries out a person's wish (G3)."""

    async def act(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
        done = await do(work, whose(call))
        return done if isinstance(done, Refused) else SeeOther(address_of(whose(call)), told)

    act.__doc__ = do.__doc__
    return act


_WISHES: Final = {
    "restrict": _wish(restrict, "privacy.wishes.restricted"),
    "lift": _wish(lift, "privacy.wishes.lifted"),
    "object": _wish(object_to_use, "privacy.wishes.objected"),
    "withdraw": _wish(withdraw_objection, "privacy.wishes.withdrawn"),
}
"""Restriction and objection: what each form's last word does."""
_PAGE: Final = PageRoute(PATH, Act.SEE_PRIVACY, see)
_DATA: Final = PageRoute(f"{PATH}/data", Act.RECTIFY, see_data)
ROUTES: Final[tuple[PageRoute | FormRoute, ...]] = (
    _PAGE,
    _DATA,
    FormRoute(_DATA.path, Act.RECTIFY, KnownForm, correct, _DATA),
    PageRoute(f"{PATH}/copy", Act.EXPORT_PERSON, see_copy),
    PageRoute(f"{PATH}/copy/file", Act.EXPORT_PERSON, get_copy),
    FormRoute(f"{PATH}/consent", Act.ANSWER_PRIVACY, ConsentForm, consent, _PAGE),
    *(FormRoute(f"{PATH}/{name}", Act.ANSWER_PRIVACY, ButtonForm, do, _PAGE) for name, do in _WISHES.items()),
)
