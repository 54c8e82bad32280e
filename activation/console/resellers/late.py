"""Who is late with paying, and what to do about it: suspend, charge, reinstate, end (P8)."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import Do, FormRoute, PageRoute
from activation.console.resellers.paying import Amount, amount_of
from activation.console.reselling.logins import ButtonForm
from activation.http.calls import Call
from activation.http.reselling.late import client_of
from activation.licensing.identifiers import ACCOUNT, RESELLER, to_text
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refusal, Refused
from activation.service.reselling import overdue
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.holding import Client
from activation.service.reselling.newest import see_names
from activation.service.working import Work

PATH: Final = "/console/late"
_MOST: Final = 200
_NOTHING: Final = "A charge is more than nothing."


class ChargeForm(Struct, frozen=True, forbid_unknown_fields=True):
    """How many euros being reinstated costs."""

    amount: Amount


async def see_all(work: Work, _call: Call) -> Page:
    """List the clients past due, the longest late first."""
    late = await overdue.list_late(work)
    ids = [one.client.reseller_id for one in late[:_MOST] if one.client.reseller_id is not None]
    names = await see_names(work, ids)
    shown = [(one, text_of(one.client), names.get(one.client.subject, "")) for one in late[:_MOST]]
    return Page("resellers/late.html", "late.title", late=shown, more=len(late) - len(shown))


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show how late a client is, and what may be done by now."""
    client = client_of(call.path["client_id"])
    name = ""
    if client.reseller_id is not None:
        found = await find_reseller(work, client.reseller_id)
        if isinstance(found, Refused):
            return found
        name = found.name
    late = await overdue.read_late(work, client)
    if isinstance(late, Refused):
        return late
    role, text = work.person.role, text_of(client)
    return Page(
        "resellers/late_client.html",
        "late.one",
        title_values={"name": name or text},
        path=f"{PATH}/{text}",
        back=f"/console/{'resellers' if name else 'accounts'}/{text}",
        late=late,
        is_reseller=bool(name),
        may_suspend=may(role, Act.SUSPEND),
        may_charge=may(role, Act.RECORD_PAYMENTS),
        may_end=may(role, Act.TERMINATE),
    )


def step_of(step: Callable[[Work, Client], Awaitable[list[int] | Refused]], told: str) -> Do:
    """Return what does a step with a late client; `told` is the key of what is said of it."""

    async def do(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
        client = client_of(call.path["client_id"])
        done = await step(work, client)
        return done if isinstance(done, Refused) else SeeOther(_path(client), told, count=len(done))

    do.__doc__ = step.__doc__
    return do


async def charge(work: Work, call: Call, form: ChargeForm) -> SeeOther | Refused:
    """Charge a late client for being reinstated (P8)."""
    amount = amount_of(form.amount)
    if not amount:
        return Refused(Refusal.MALFORMED, "request", _NOTHING, facts={"field": "amount"})
    client = client_of(call.path["client_id"])
    done = await overdue.charge_reinstating(work, client, amount)
    return done if isinstance(done, Refused) else SeeOther(_path(client), "late.charged", amount=str(amount))


def text_of(client: Client) -> str:
    """Return the id that names a client."""
    if client.reseller_id is not None:
        return to_text(RESELLER, client.reseller_id)
    return to_text(ACCOUNT, client.account_id or 0)


def _path(client: Client) -> str:
    return f"{PATH}/{text_of(client)}"


_ONE: Final = PageRoute(f"{PATH}/{{client_id}}", Act.SEE_ORDERS, see_one)
ROUTES: Final = (
    PageRoute(PATH, Act.SEE_ORDERS, see_all),
    _ONE,
    FormRoute(
        f"{_ONE.path}/suspend", Act.SUSPEND, ButtonForm, step_of(overdue.suspend_late, "late.suspended"), _ONE
    ),
    FormRoute(f"{_ONE.path}/charge", Act.RECORD_PAYMENTS, ChargeForm, charge, _ONE),
    FormRoute(
        f"{_ONE.path}/reinstate", Act.SUSPEND, ButtonForm, step_of(overdue.reinstate, "late.reinstated"), _ONE
    ),
    FormRoute(
        f"{_ONE.path}/end", Act.TERMINATE, ButtonForm, step_of(overdue.end_direct_client, "late.ended"), _ONE
    ),
)
