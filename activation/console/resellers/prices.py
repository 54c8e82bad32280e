"""Price tables: seen, and put in force anew, product by product (P4)."""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.resellers.paying import amount_of
from activation.http.calls import Call
from activation.licensing.reselling.pricing import MOST_TIERS, Tier
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling.pricing import see_prices, set_prices
from activation.service.working import Work

PATH: Final = "/console/prices"
_LINE: Final = re.compile(r"(?P<quantity>[0-9]{1,6})[ \t:;]+€? ?(?P<unit>[0-9]{1,9}([.,][0-9]{1,2})?)")
_NO_LINE: Final = "Line {}: a number of licences, a blank, and a price in euros, such as 10 34.95."
_MANY: Final = f"A table has at most {MOST_TIERS} lines."


class PricesForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A price table as lines: from how many licences on, a blank, the price of each in euros."""

    tiers: Annotated[str, Meta(min_length=1, max_length=4000)]


async def see(work: Work, _call: Call) -> Page:
    """Show all price tables in force."""
    prices = await see_prices(work)
    lines = {
        one.product: "\n".join(f"{tier.from_quantity} {tier.unit}" for tier in one.table) for one in prices
    }
    may_change = may(work.person.role, Act.CHANGE_PRICES)
    return Page("resellers/prices.html", "prices.title", prices=prices, lines=lines, may_change=may_change)


async def change(work: Work, call: Call, form: PricesForm) -> SeeOther | Refused:
    """Put a price table in force now; what was ordered before keeps its price (P4)."""
    tiers = tiers_of(form.tiers)
    if isinstance(tiers, Refused):
        return tiers
    done = await set_prices(work, call.path["product"], tiers)
    return done if isinstance(done, Refused) else SeeOther(PATH, "prices.changed", product=done.product)


def tiers_of(text: str) -> list[Tier] | Refused:
    """Return the tiers that lines tell, or what is wrong with the first wrong one."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_TIERS:
        return _wrong(_MANY)
    tiers = []
    for number, line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            return _wrong(_NO_LINE.format(number))
        tiers.append(Tier(int(found["quantity"]), amount_of(found["unit"])))
    return tiers


def _wrong(detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "request", detail, facts={"field": "tiers"})


_PAGE: Final = PageRoute(PATH, Act.SEE_ORDERS, see)
ROUTES: Final = (_PAGE, FormRoute(f"{PATH}/{{product}}", Act.CHANGE_PRICES, PricesForm, change, _PAGE))
