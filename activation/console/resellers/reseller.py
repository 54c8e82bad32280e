"""One reseller: how it stands, what it has, ordered and owes; test licences granted to it (T1)."""

from typing import Final

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import FormRoute, PageRoute
from activation.console.reselling.pool import show_ledger, show_pools
from activation.console.reselling.showing_orders import show_orders
from activation.http.calls import Call
from activation.http.naming import reseller_of
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.model import Hold, LicenseKind
from activation.licensing.reselling.affiliates import affiliate_limit
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.assignments import TestsRequest
from activation.service.reselling.agreeing import see_terms
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.granting import grant_tests
from activation.service.reselling.holding import Client
from activation.service.reselling.newest import see_newest_charges, see_newest_orders, see_share
from activation.service.reselling.overdue import read_late
from activation.service.reselling.pools import see_pools
from activation.service.working import Work

PATH: Final = "/console/resellers/{reseller_id}"
_NEWEST: Final = 5


async def see(work: Work, call: Call) -> Page | Refused:
    """Show a reseller: its standing, pools, newest orders and charges, and what can be done."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    reseller_id, role = reseller.reseller_id, work.person.role
    pools = await see_pools(work, reseller_id)
    if isinstance(pools, Refused):
        return pools
    late = await read_late(work, Client(reseller_id))
    if isinstance(late, Refused):
        return late
    share = await see_share(work, reseller_id)
    terms = await see_terms(work, reseller_id)
    regular = [one.balance for one in pools if one.balance.key.kind is not LicenseKind.TEST]
    return Page(
        "resellers/reseller.html",
        "resellers.one",
        title_values={"name": reseller.name},
        reseller=reseller,
        path=f"/console/resellers/{to_text(RESELLER, reseller_id)}",
        holds=[hold.name for hold in Hold if hold in reseller.holds],
        left=sum(one.balance for one in regular),
        used=sum(one.used for one in pools),
        affiliates=share,
        affiliates_most=affiliate_limit(share.paid),
        terms=terms.current,
        pools=show_pools(work, pools),
        major=max((one.balance.key.major for one in pools), default=None),
        orders=show_orders(work, await see_newest_orders(work, reseller_id, None, 0, _NEWEST)),
        charges=await see_newest_charges(work, reseller_id, 0, _NEWEST),
        late=late,
        products=[(code, code) for code in sorted(work.desk.catalogue.by_code)],
        acts={str(act): may(role, act) for act in Act},
    )


async def see_ledger(work: Work, call: Call) -> Page | Refused:
    """Show a ledger of a reseller's, the newest entry first."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    path = f"/console/resellers/{to_text(RESELLER, reseller.reseller_id)}/pool"
    return await show_ledger(work, call, reseller.reseller_id, "resellers/ledger.html", path)


async def grant(work: Work, call: Call, form: TestsRequest) -> SeeOther | Refused:
    """Grant test licences (T1)."""
    done = await grant_tests(work, reseller_of(call), form.product, form.major, form.count)
    if isinstance(done, Refused):
        return done
    to = f"/console/resellers/{to_text(RESELLER, done.reseller_id)}"
    return SeeOther(to, "resellers.granted", count=done.count, balance=done.balance)


PAGE: Final = PageRoute(PATH, Act.SEE_RESELLERS, see)
ROUTES: Final = (
    PAGE,
    PageRoute(f"{PATH}/pool", Act.SEE_RESELLERS, see_ledger),
    FormRoute(f"{PATH}/tests", Act.GRANT_TESTS, TestsRequest, grant, PAGE),
)
