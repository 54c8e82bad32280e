"""An account: its licences, what it bought, and of its person what the role sees. Sales give it licences."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.rendering import say_of
from activation.http.calls import Call
from activation.http.naming import id_of
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.model import AccountState, LicenseKind
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.licenses import Count, Major
from activation.messages.requests import Word
from activation.service.licenses.giving import GIVEN, Gift, give_to
from activation.service.licenses.owners import PersonalField, SeenOwner, see_owner
from activation.service.working import Work

PATH: Final = "/console/accounts/{account_id}"
MOST_BOUGHT: Final = 10
Kind = Literal["perpetual", "free", "evaluation"]


class GiveForm(Struct, frozen=True, forbid_unknown_fields=True):
    """Licences that come from nowhere else (L5). `device_limit` left out is the kind's own."""

    product: Word
    major: Major
    kind: Kind
    count: Count
    device_limit: Annotated[int, Meta(ge=1, le=1000)] | None = None


async def see(work: Work, call: Call) -> Page | Refused:
    """Show an account with a page of its licences: `?after=` a licence."""
    after = id_of(LICENSE, call.query.get("after", ""))
    found = await see_owner(work, _named(call), after)
    if isinstance(found, Refused):
        return found
    role, path = work.person.role, _path(found.owner.account_id)
    gives = may(role, Act.MAKE_ACCOUNTS) and found.owner.state is AccountState.OPEN
    return Page(
        "licenses/account.html",
        "account.title",
        title_values={"login": _login_of(found)},
        found=found,
        path=path,
        personal=[] if found.hidden else [(one.name, text) for one, text in found.owner.personal.items()],
        purchases=found.view.purchases[:MOST_BOUGHT],
        names={product_id: product.code for product_id, product in work.desk.catalogue.by_id.items()},
        products=[(code, code) for code in sorted(work.desk.catalogue.by_code)],
        kinds=[(kind.name.lower(), say_of("license.kinds", kind.name)) for kind in GIVEN],
        acts={str(act): may(role, act) for act in Act},
        gives=gives,
        is_first=after == 0,
        next_url=_next(path, found.next_after),
    )


async def give(work: Work, call: Call, form: GiveForm) -> SeeOther | Refused:
    """Give the account licences; a regular one ends its tests (T5)."""
    gift = Gift(form.product, form.major, LicenseKind[form.kind.upper()], form.count, form.device_limit)
    given = await give_to(work, _named(call), gift)
    if isinstance(given, Refused):
        return given
    return SeeOther(_path(given.account_id), "account.given", count=len(given.license_ids))


def _login_of(found: SeenOwner) -> str:
    text = to_text(ACCOUNT, found.owner.account_id)
    return text if found.hidden else found.owner.personal.get(PersonalField.LOGIN) or text


def _named(call: Call) -> int:
    return id_of(ACCOUNT, call.path["account_id"])


def _path(account_id: int) -> str:
    return f"/console/accounts/{to_text(ACCOUNT, account_id)}"


def _next(path: str, after: int | None) -> str | None:
    return None if after is None else f"{path}?after={to_text(LICENSE, after)}#licenses"


_PAGE: Final = PageRoute(PATH, Act.SEE_ACCOUNTS, see)
ROUTES: Final = (_PAGE, FormRoute(f"{PATH}/licenses", Act.MAKE_ACCOUNTS, GiveForm, give, _PAGE))
