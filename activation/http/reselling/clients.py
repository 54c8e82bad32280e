"""Staff on resellers: making them, their users, the terms, the prices, the end of an agreement."""

from decimal import Decimal
from typing import Final

from msgspec import UNSET

from activation.http.acting import ActRoute
from activation.http.calls import Call
from activation.http.naming import page_of, reseller_of
from activation.http.reselling.telling import (
    tell_login,
    tell_page,
    tell_priced,
    tell_prices,
    tell_reseller,
    tell_terms,
    tell_user,
)
from activation.http.reselling.users import add_user_of, close_user_of, issue_login_of
from activation.licensing.identifiers import RESELLER
from activation.licensing.reselling.clients import ResellerKind
from activation.licensing.reselling.pricing import Tier
from activation.licensing.reselling.terminating import Why
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import reselling as messages
from activation.messages.answers import Told
from activation.messages.reselling import amount_of, parse, time_of
from activation.messages.times import to_rfc3339
from activation.service.reselling.agreeing import publish_terms, see_terms
from activation.service.reselling.joining import NewClient, create_reseller
from activation.service.reselling.pricing import see_prices, set_prices
from activation.service.reselling.seeing import see_reseller, see_resellers
from activation.service.reselling.terminating import confirm_deletion, terminate
from activation.service.working import Work

MAX_TERMS_BODY: Final = 1024 * 1024


def _whose(_work: Work, call: Call) -> int:
    return reseller_of(call)


async def get_resellers(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List resellers, by pages."""
    after, limit = page_of(call, RESELLER)
    seen = await see_resellers(work, after, limit)
    return tell_page("resellers", [tell_reseller(one, work.now) for one in seen], limit, "reseller_id")


async def get_reseller(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """Tell a reseller, what it accepted, and its users."""
    seen = await see_reseller(work, reseller_of(call))
    if isinstance(seen, Refused):
        return seen
    return {
        **tell_reseller(seen.reseller, work.now),
        "accepted": seen.accepted,
        "acceptances": [
            {"version": one.version, "accepted_at": to_rfc3339(one.accepted_at), "from": one.address}
            for one in seen.acceptances
        ],
        "users": [tell_user(one) for one in seen.users],
    }


async def post_reseller(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Make a reseller, or a company with a distribution licence; its owner's login is shown this once."""
    message = parse(messages.NewReseller, body)
    new = NewClient(
        message.name,
        ResellerKind[message.kind.upper()],
        None if message.discount is UNSET else Decimal(message.discount),
        "" if message.email is UNSET else message.email,
    )
    return tell_login(await create_reseller(work, new))


async def post_termination(work: Work, call: Call, body: bytes) -> Told | Refused:
    """End an agreement (P8, P9)."""
    message = parse(messages.Termination, body)
    done = await terminate(work, reseller_of(call), Why(message.why), message.note)
    if isinstance(done, Refused):
        return done
    return {
        "forfeited": done.forfeited,
        "cancelled": done.cancelled,
        "orphaned": done.orphaned,
        "revoked": done.revoked,
        "deletion_due_at": to_rfc3339(done.deletion_due_at),
    }


async def post_deletion(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Record with what evidence a reseller deleted what it copied (P9)."""
    evidence = parse(messages.Deletion, body).evidence
    done = await confirm_deletion(work, reseller_of(call), evidence)
    return done if isinstance(done, Refused) else tell_reseller(done, work.now)


async def get_terms(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell the terms in force and those announced."""
    return tell_terms(await see_terms(work, None))


async def post_terms(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Publish a version of the terms (P1, G8)."""
    message = parse(messages.NewTerms, body)
    effective_at = time_of(message.effective_at, "effective_at")
    done = await publish_terms(work, message.version, message.text, effective_at)
    if isinstance(done, Refused):
        return done
    return {"version": done.version, "effective_at": to_rfc3339(done.effective_at)}


async def get_prices(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """Tell all price tables in force."""
    return tell_prices(await see_prices(work))


async def post_prices(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Put a price table in force (P4)."""
    message = parse(messages.NewPrices, body)
    tiers = [Tier(one.from_quantity, amount_of(one.unit)) for one in message.tiers]
    done = await set_prices(work, message.product, tiers)
    return done if isinstance(done, Refused) else tell_priced(done)


_ALL: Final = "/v1/staff/resellers"
_ONE: Final = "/v1/staff/resellers/{reseller_id}"
_USER: Final = "/v1/staff/resellers/{reseller_id}/users/{login}"
_USERS: Final = Act.CHANGE_USERS
_add_user: Final = add_user_of(_whose, "Add a user to a reseller's account.")
_issue_login: Final = issue_login_of(_whose, "Issue a reseller's user a new login (P2).")
_close_user: Final = close_user_of(_whose, "Close a login of a reseller's.")
ROUTES: Final = (
    ActRoute("GET", _ALL, Act.SEE_RESELLERS, get_resellers),
    ActRoute("POST", _ALL, Act.MAKE_RESELLERS, post_reseller, 201, takes=messages.NewReseller),
    ActRoute("GET", _ONE, Act.SEE_RESELLERS, get_reseller),
    ActRoute("POST", f"{_ONE}/users", _USERS, _add_user, 201, takes=messages.NewUser),
    ActRoute("POST", f"{_USER}/login", _USERS, _issue_login, bodiless=True),
    ActRoute("POST", f"{_USER}/close", _USERS, _close_user, bodiless=True),
    ActRoute("POST", f"{_ONE}/terminate", Act.TERMINATE, post_termination, takes=messages.Termination),
    ActRoute("POST", f"{_ONE}/deletion", Act.TERMINATE, post_deletion, takes=messages.Deletion),
    ActRoute("GET", "/v1/staff/terms", Act.SEE_RESELLERS, get_terms),
    ActRoute(
        "POST", "/v1/staff/terms", Act.PUBLISH_TERMS, post_terms, 201, MAX_TERMS_BODY, takes=messages.NewTerms
    ),
    ActRoute("GET", "/v1/staff/prices", Act.SEE_ORDERS, get_prices),
    ActRoute("POST", "/v1/staff/prices", Act.CHANGE_PRICES, post_prices, 201, takes=messages.NewPrices),
)
