"""What a reseller was charged beside its orders: penalties and their steps, payments for them (P7, P8)."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from activation.console.outcomes import Page, SeeOther
from activation.console.pages import Do, FormRoute, PageRoute
from activation.console.resellers.paying import METHODS, PaymentForm, record, told_of
from activation.console.reselling.logins import ButtonForm
from activation.http.calls import Call
from activation.http.naming import id_of, page_of, reseller_of
from activation.licensing.identifiers import CHARGE, RESELLER, to_text
from activation.licensing.reselling.charging import ChargeKind, ChargeState
from activation.licensing.reselling.penalties import is_overdue
from activation.licensing.roles import Act, may
from activation.licensing.verdicts import Refused
from activation.messages.requests import Note, Word
from activation.messages.reselling import Licenses
from activation.service.reselling import penalising
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.newest import see_charge_of, see_newest_charges
from activation.service.reselling.penalising import Outcome
from activation.service.reselling.pricing import see_prices
from activation.service.working import Work

PATH: Final = "/console/resellers/{reseller_id}/charges"


class PenaltyForm(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many wrongly provided licences, and what happened."""

    product: Word
    licenses: Licenses
    note: Note


async def see_all(work: Work, call: Call) -> Page | Refused:
    """List a reseller's charges, the newest first."""
    before, limit = page_of(call, CHARGE)
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    charges = await see_newest_charges(work, reseller.reseller_id, before, limit)
    path = path_of(reseller.reseller_id)
    return Page(
        "resellers/charges.html",
        "resellers.charges",
        title_values={"name": reseller.name},
        reseller=reseller,
        path=path,
        charges=charges,
        next_url=f"{path}?after={to_text(CHARGE, charges[-1].charge_id)}" if len(charges) == limit else None,
        products=[(one.product, one.product) for one in await see_prices(work) if one.table],
        may_penalise=may(work.person.role, Act.PENALISE),
    )


async def open_penalty(work: Work, call: Call, form: PenaltyForm) -> SeeOther | Refused:
    """Open a penalty of twice the retail price for each licence (P7)."""
    done = await penalising.open_penalty(work, reseller_of(call), form.product, form.licenses, form.note)
    if isinstance(done, Refused):
        return done
    to = f"{path_of(reseller_of(call))}/{to_text(CHARGE, done.charge_id)}"
    return SeeOther(to, "resellers.penalty.opened", amount=str(done.amount))


async def see_one(work: Work, call: Call) -> Page | Refused:
    """Show a charge, what came in for it, and what can be done about it."""
    reseller = await find_reseller(work, reseller_of(call))
    if isinstance(reseller, Refused):
        return reseller
    seen = await see_charge_of(work, reseller.reseller_id, id_of(CHARGE, call.path["charge_id"]))
    if isinstance(seen, Refused):
        return seen
    charge, role = seen.charge, work.person.role
    is_penalty = charge.kind is ChargeKind.PENALTY
    return Page(
        "resellers/charge.html",
        "resellers.charge",
        title_values={"charge": to_text(CHARGE, charge.charge_id)},
        reseller=reseller,
        path=path_of(reseller.reseller_id),
        charge=charge,
        payments=seen.payments,
        note=seen.note,
        methods=METHODS,
        is_overdue=is_overdue(charge, work.now),
        may_pay=charge.owed > 0 and charge.state is ChargeState.OPEN and may(role, Act.RECORD_PAYMENTS),
        may_penalise=is_penalty and may(role, Act.PENALISE),
    )


async def pay(work: Work, call: Call, form: PaymentForm) -> SeeOther | Refused:
    """Record a payment for a charge; a penalty paid in full reinstates (P7)."""
    charge_id = id_of(CHARGE, call.path["charge_id"])
    seen = await see_charge_of(work, reseller_of(call), charge_id)
    if isinstance(seen, Refused):
        return seen
    paid = await record(work, form, seen.charge.opened_at, charge_id=charge_id)
    return paid if isinstance(paid, Refused) else SeeOther(_one_of(call), told_of(paid))


def step_of(step: Callable[[Work, int], Awaitable[Outcome | Refused]], told: str) -> Do:
    """Return what does a step of a penalty; `told` is the key of what is said of it."""

    async def do(work: Work, call: Call, _form: ButtonForm) -> SeeOther | Refused:
        charge_id = id_of(CHARGE, call.path["charge_id"])
        seen = await see_charge_of(work, reseller_of(call), charge_id)
        if isinstance(seen, Refused):
            return seen
        done = await step(work, charge_id)
        if isinstance(done, Refused):
            return done
        return SeeOther(_one_of(call), told, count=done.licenses, refund=str(done.refund))

    do.__doc__ = step.__doc__
    return do


def path_of(reseller_id: int) -> str:
    """Return the address of a reseller's charges."""
    return f"/console/resellers/{to_text(RESELLER, reseller_id)}/charges"


def _one_of(call: Call) -> str:
    charge_id = id_of(CHARGE, call.path["charge_id"])
    return f"{path_of(reseller_of(call))}/{to_text(CHARGE, charge_id)}"


_STEPS: Final = {
    "dispute": step_of(penalising.dispute_penalty, "resellers.penalty.disputed"),
    "uphold": step_of(penalising.uphold_penalty, "resellers.penalty.upheld"),
    "return": step_of(penalising.return_penalty, "resellers.penalty.returned"),
    "disable": step_of(penalising.disable_licenses, "resellers.penalty.disabled"),
}
_ALL: Final = PageRoute(PATH, Act.SEE_ORDERS, see_all)
_ONE: Final = PageRoute(f"{PATH}/{{charge_id}}", Act.SEE_ORDERS, see_one)
ROUTES: Final[tuple[PageRoute | FormRoute, ...]] = (
    _ALL,
    FormRoute(PATH, Act.PENALISE, PenaltyForm, open_penalty, _ALL),
    _ONE,
    FormRoute(f"{PATH}/{{charge_id}}/payments", Act.RECORD_PAYMENTS, PaymentForm, pay, _ONE),
    *(
        FormRoute(f"{PATH}/{{charge_id}}/{name}", Act.PENALISE, ButtonForm, step, _ONE)
        for name, step in _STEPS.items()
    ),
)
