"""Staff erase a person, as it was shown what that ends and what stays (G3)."""

from typing import Any, Final

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.privacy.persons import PATH as PERSON
from activation.console.privacy.persons import address_of, whose
from activation.http.calls import Call
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages.erasures import ErasureRequest
from activation.service.privacy.erasing import erase_account
from activation.service.privacy.previewing import ErasurePreview, see_erasure
from activation.service.working import Work

SHOWN: Final = 20
"""How many of the licences that an erasure ends stand on the page one by one."""


def told_of(work: Work, preview: ErasurePreview) -> dict[str, Any]:
    """Return what a page tells of an erasure to come: by kind of licence, as products are called."""
    products = {one.product_id: code for code, one in work.desk.catalogue.by_code.items()}
    return {
        "preview": preview,
        "products": products,
        "kinds": {kind.value: kind.name for kind in LicenseKind},
        "first": preview.first_licenses[:SHOWN],
        "more": max(preview.licenses - SHOWN, 0),
    }


async def see(work: Work, call: Call) -> Page | Refused:
    """Show what erasing this person ends, what stays open, what is kept, why and until when."""
    preview = await see_erasure(work, whose(call))
    if isinstance(preview, Refused):
        return preview
    return Page(
        "privacy/erasure.html",
        "privacy.erasure.title",
        account_id=preview.account_id,
        **told_of(work, preview),
    )


async def erase(work: Work, call: Call, form: ErasureRequest) -> SeeOther | Refused:
    """Erase the person, if all stands as it was shown."""
    done = await erase_account(work, whose(call), form.shown)
    if isinstance(done, Refused):
        return done
    return SeeOther(address_of(done.account_id), "privacy.erasure.done", count=done.licenses)


_PAGE: Final = PageRoute(f"{PERSON}/erasure", Act.ERASE, see)
ROUTES: Final = (_PAGE, FormRoute(_PAGE.path, Act.ERASE, ErasureRequest, erase, _PAGE))
