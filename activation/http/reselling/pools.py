"""Pools: a reseller's own, what staff see of one, and the test licences that sales grant (T1)."""

from collections.abc import Mapping
from typing import Any, Final

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.guarding import refuse
from activation.http.naming import own_id, reseller_of
from activation.licensing.identifiers import ACCOUNT, ORDER, RESELLER, to_text
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.answers import Told
from activation.messages.assignments import MAX_MAJOR, TestsRequest, parse_tests
from activation.messages.times import to_rfc3339
from activation.service.desk import Desk
from activation.service.reselling.granting import grant_tests
from activation.service.reselling.pools import PAGE, Entry, PoolStanding, see_entries, see_pools
from activation.service.working import Work

_KINDS: Final = {kind.name.lower(): kind for kind in LicenseKind}


async def get_own_pool(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell how the reseller's own pools stand (P5, C3)."""
    return await _tell_pools(work, own_id(work))


async def get_reseller_pool(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell staff how a reseller's pools stand."""
    return await _tell_pools(work, reseller_of(call))


async def get_own_entries(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell a pool's ledger by pages: `?product=&major=&kind=&after=`."""
    product, major = call.query.get("product", ""), number_of(call, "major", MAX_MAJOR)
    kind = _KINDS.get(call.query.get("kind", "perpetual"))
    if kind is None:
        raise refuse(Refusal.MALFORMED, f"The kind is one of {', '.join(_KINDS)}.", field="kind")
    found = await see_entries(work, own_id(work), product, major, kind, number_of(call, "after", 2**31 - 1))
    if isinstance(found, Refused):
        return found
    told: dict[str, Any] = {"entries": [_tell_entry(entry) for entry in found]}
    if len(found) == PAGE:
        told["next_after"] = found[-1].seq
    return told


async def post_tests(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Grant a reseller test licences (T1)."""
    message = parse_tests(body)
    done = await grant_tests(work, reseller_of(call), message.product, message.major, message.count)
    if isinstance(done, Refused):
        return done
    return {
        "reseller_id": to_text(RESELLER, done.reseller_id),
        "product": done.product,
        "major": done.major,
        "granted": done.count,
        "balance": done.balance,
    }


def number_of(call: Call, name: str, most: int) -> int:
    """Return a number of the query, 0 when it is not there; refuse what is none, or more than `most`."""
    text = call.query.get(name, "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and int(text) <= most):
        raise refuse(Refusal.MALFORMED, f"{name} is a number from 0 to {most}.", field=name)
    return int(text)


async def _tell_pools(work: Work, reseller_id: int) -> Told | Refused:
    found = await see_pools(work, reseller_id)
    if isinstance(found, Refused):
        return found
    return {
        "reseller_id": to_text(RESELLER, reseller_id),
        "pools": [tell_pool(work.desk, pool) for pool in found],
    }


def tell_pool(desk: Desk, pool: PoolStanding) -> Mapping[str, Any]:
    """Tell one pool: what came in, what went out, what is left; `used` licences sit on a device (C3)."""
    known = pool.balance
    return {
        "product": desk.catalogue.by_id[known.key.product_id].code,
        "major": known.key.major,
        "kind": known.key.kind.name.lower(),
        "balance": known.balance,
        "paid": known.paid,
        "granted": known.granted,
        "assigned": known.assigned,
        "forfeited": known.gone,
        "used": pool.used,
    }


def _tell_entry(entry: Entry) -> Mapping[str, Any]:
    order, account = entry.purchase_id, entry.account_id
    return {
        "seq": entry.seq,
        "delta": entry.delta,
        "balance": entry.balance,
        "why": entry.why.name.lower(),
        "order_id": None if order is None else to_text(ORDER, order),
        "account_id": None if account is None else to_text(ACCOUNT, account),
        "entered_at": to_rfc3339(entry.entered_at),
    }


ROUTES: Final = (
    ActRoute("GET", "/v1/reseller/pool", Act.OWN_SEE, get_own_pool),
    ActRoute("GET", "/v1/reseller/pool/entries", Act.OWN_SEE, get_own_entries),
    ActRoute("GET", "/v1/staff/resellers/{reseller_id}/pool", Act.SEE_RESELLERS, get_reseller_pool),
    ActRoute(
        "POST", "/v1/staff/resellers/{reseller_id}/tests", Act.GRANT_TESTS, post_tests, takes=TestsRequest
    ),
)
