"""Staff on what is not paid: penalties (P7) and late payment (P8)."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from activation.http.acting import ActRoute, Do
from activation.http.calls import Call
from activation.http.naming import id_of, page_of
from activation.http.reselling.telling import charge_of, tell_charge, tell_client, tell_page
from activation.licensing.identifiers import ACCOUNT, CHARGE, RESELLER, from_text
from activation.licensing.reselling.charging import ChargeKind
from activation.licensing.roles import Act
from activation.licensing.verdicts import Refused
from activation.messages import reselling as messages
from activation.messages.answers import Told
from activation.messages.reselling import amount_of, parse
from activation.messages.strict import MalformedError
from activation.messages.times import to_rfc3339
from activation.service.reselling import overdue, penalising
from activation.service.reselling.holding import Client
from activation.service.reselling.penalising import Outcome
from activation.service.reselling.seeing import see_charges
from activation.service.working import Work


async def get_penalties(work: Work, call: Call, _body: bytes) -> Told | Refused:
    """List penalties by pages, of one reseller with `?reseller_id=`."""
    after, limit = page_of(call, CHARGE)
    whose = call.query.get("reseller_id")
    reseller_id = None if whose is None else id_of(RESELLER, whose)
    charges = await see_charges(work, reseller_id, ChargeKind.PENALTY, after, limit)
    return tell_page("penalties", [tell_charge(one) for one in charges], limit, "charge_id")


async def post_penalty(work: Work, _call: Call, body: bytes) -> Told | Refused:
    """Open a penalty (P7)."""
    message = parse(messages.NewPenalty, body)
    reseller_id = id_of(RESELLER, message.reseller_id)
    done = await penalising.open_penalty(work, reseller_id, message.product, message.licenses, message.note)
    return done if isinstance(done, Refused) else tell_charge(done)


def step_of(step: Callable[[Work, int], Awaitable[Outcome | Refused]]) -> Do:
    """Return what answers a step of a penalty."""

    async def post_step(work: Work, call: Call, body: bytes) -> Told | Refused:
        parse(messages.Nothing, body)
        done = await step(work, charge_of(call.path["penalty_id"]))
        if isinstance(done, Refused):
            return done
        return {**tell_charge(done.charge), "refund": str(done.refund), "changed_licenses": done.licenses}

    post_step.__doc__ = step.__doc__
    return post_step


async def get_late(work: Work, _call: Call, _body: bytes) -> Told | Refused:
    """List all clients past due, the longest late first (P8)."""
    return {"late": [_tell_late(one) for one in await overdue.list_late(work)]}


def late_step_of(step: Callable[[Work, Client], Awaitable[list[int] | Refused]]) -> Do:
    """Return what answers a step with a late client."""

    async def post_step(work: Work, call: Call, body: bytes) -> Told | Refused:
        parse(messages.Nothing, body)
        client = client_of(call.path["client_id"])
        done = await step(work, client)
        return done if isinstance(done, Refused) else {**tell_client(client), "changed_licenses": len(done)}

    post_step.__doc__ = step.__doc__
    return post_step


async def post_reinstating(work: Work, call: Call, body: bytes) -> Told | Refused:
    """Charge a late client for being reinstated (P8)."""
    amount = amount_of(parse(messages.ReinstatingCharge, body).amount)
    if not amount:
        raise MalformedError("amount", "A charge is more than nothing.")
    done = await overdue.charge_reinstating(work, client_of(call.path["client_id"]), amount)
    return done if isinstance(done, Refused) else tell_charge(done)


def client_of(text: str) -> Client:
    """Return the client that an id names: a reseller, or a direct client's account."""
    reseller_id = from_text(RESELLER, text)
    return Client(reseller_id) if reseller_id is not None else Client(account_id=id_of(ACCOUNT, text))


def _tell_late(late: overdue.Late) -> dict[str, Any]:
    return {
        **tell_client(late.client),
        "since": to_rfc3339(late.since),
        "days": late.days,
        "business_days": late.business_days,
        "owed": str(late.owed),
        "may_suspend": late.may_suspend,
        "may_end": late.may_end,
    }


_PENALTY: Final = "/v1/staff/penalties/{penalty_id}"
_LATE: Final = "/v1/staff/late/{client_id}"
ROUTES: Final = (
    ActRoute("GET", "/v1/staff/penalties", Act.SEE_ORDERS, get_penalties),
    ActRoute("POST", "/v1/staff/penalties", Act.PENALISE, post_penalty, 201, takes=messages.NewPenalty),
    ActRoute("POST", f"{_PENALTY}/dispute", Act.PENALISE, step_of(penalising.dispute_penalty), bodiless=True),
    ActRoute("POST", f"{_PENALTY}/uphold", Act.PENALISE, step_of(penalising.uphold_penalty), bodiless=True),
    ActRoute("POST", f"{_PENALTY}/return", Act.PENALISE, step_of(penalising.return_penalty), bodiless=True),
    ActRoute(
        "POST", f"{_PENALTY}/disable", Act.PENALISE, step_of(penalising.disable_licenses), bodiless=True
    ),
    ActRoute("GET", "/v1/staff/late", Act.SEE_ORDERS, get_late),
    ActRoute("POST", f"{_LATE}/suspend", Act.SUSPEND, late_step_of(overdue.suspend_late), bodiless=True),
    ActRoute(
        "POST",
        f"{_LATE}/charge",
        Act.RECORD_PAYMENTS,
        post_reinstating,
        201,
        takes=messages.ReinstatingCharge,
    ),
    ActRoute("POST", f"{_LATE}/reinstate", Act.SUSPEND, late_step_of(overdue.reinstate), bodiless=True),
    ActRoute("POST", f"{_LATE}/end", Act.TERMINATE, late_step_of(overdue.end_direct_client), bodiless=True),
)
