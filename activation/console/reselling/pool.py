"""A reseller's pools: what is left, in use, given away; and the ledger behind each (P5, P6, C3)."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from activation.console import charts
from activation.console.outcomes import Page
from activation.console.pages import PageRoute
from activation.console.reselling.showing_orders import product_name
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.naming import PAGE, own_id
from activation.http.reselling.pools import number_of
from activation.licensing.model import LicenseKind
from activation.licensing.reselling.affiliates import affiliate_limit
from activation.licensing.roles import Act, may
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.assignments import MAX_MAJOR
from activation.service.reselling.newest import see_newest_entries, see_share
from activation.service.reselling.pools import Entry, PoolStanding, see_pools
from activation.service.working import Work

PATH: Final = "/console/pool"
LEDGER: Final = f"{PATH}/entries"
_LAST_SEQ: Final = 2**31 - 1
_FEW: Final = 5
_KINDS: Final = {kind.name.lower(): kind for kind in LicenseKind}


@value
class PoolShown:
    """A pool as pages show it; `ledger` is the query that its ledger goes by."""

    product: str
    kind: str
    standing: PoolStanding
    ledger: str


def show_pools(work: Work, pools: Sequence[PoolStanding]) -> Sequence[PoolShown]:
    """Return pools as pages show them."""
    shown = []
    for pool in pools:
        key = pool.balance.key
        product, kind = product_name(work, key.product_id), key.kind.name.lower()
        query = urlencode({"product": product, "major": key.major, "kind": kind})
        shown.append(PoolShown(product, kind, pool, query))
    return shown


async def see_pool(work: Work, _call: Call) -> Page | Refused:
    """Show what there is to assign, and what became of the rest."""
    pools = await see_pools(work, own_id(work))
    if isinstance(pools, Refused):
        return pools
    share = await see_share(work, own_id(work))
    regular = [one.balance for one in pools if one.balance.key.kind is not LicenseKind.TEST]
    return Page(
        "reselling/pool.html",
        "pool.title",
        pools=show_pools(work, pools),
        left=sum(one.balance for one in regular),
        assigned=sum(one.assigned for one in regular),
        used=sum(one.used for one in pools if one.balance.key.kind is not LicenseKind.TEST),
        affiliates=share,
        affiliates_most=affiliate_limit(share.paid),
        few=_FEW,
        may_order=may(work.person.role, Act.OWN_ORDER),
    )


async def see_ledger(work: Work, call: Call) -> Page | Refused:
    """Show a pool's ledger, the newest entry first: `?product=&major=&kind=&after=`."""
    return await show_ledger(work, call, own_id(work), "reselling/ledger.html")


async def show_ledger(
    work: Work, call: Call, reseller_id: int, template: str, path: str = LEDGER
) -> Page | Refused:
    """Return the page of a pool's ledger; whose, and at which address, is what differs."""
    product, kind = call.query.get("product", ""), call.query.get("kind", "perpetual")
    if kind not in _KINDS:
        raise refuse(Refusal.MALFORMED, f"The kind is one of {', '.join(_KINDS)}.", field="kind")
    major, before = number_of(call, "major", MAX_MAJOR), number_of(call, "after", _LAST_SEQ)
    pool = (product, major, _KINDS[kind])
    entries = await see_newest_entries(work, reseller_id, pool, before, PAGE)
    if isinstance(entries, Refused):
        return entries
    query = urlencode({"product": product, "major": major, "kind": kind})
    more = entries and entries[-1].seq > 1
    return Page(
        template,
        "pool.ledger",
        title_values={"product": product, "major": major},
        reseller_id=reseller_id,
        rows=entries,
        kind=kind,
        chart=_chart(entries) if len(entries) > 1 else None,
        next_url=f"{path}?{query}&after={entries[-1].seq}" if more else None,
    )


def _chart(entries: Sequence[Entry]) -> charts.Lines:
    """Draw how many the pool had after each entry shown, the oldest first."""
    rows = list(reversed(entries))
    return charts.lines([f"#{one.seq}" for one in rows], [("", [one.balance for one in rows])])


ROUTES: Final = (PageRoute(PATH, Act.OWN_SEE, see_pool), PageRoute(LEDGER, Act.OWN_SEE, see_ledger))
