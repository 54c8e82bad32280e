"""Subscriptions on the command line (S0-S4): list, create, pay, end; and update plans (S5)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.subscriptions import tell_fee, tell_plan, tell_subscription
from activation.licensing.identifiers import CHARGE, PLAN, SUBSCRIPTION, from_text
from activation.licensing.subscriptions import EndedBy
from activation.messages.strict import MalformedError
from activation.messages.subscriptions import moment_of
from activation.service.reselling.paying import Money
from activation.service.subscribing.ending import end_subscription
from activation.service.subscribing.listing import PlanRow, Row, list_all, list_plans, show_subscription
from activation.service.subscribing.making import Terms, create_subscription
from activation.service.subscribing.paying import pay_plan, pay_subscription
from activation.service.subscribing.updates import PlanTerms, create_plan

_SHOWN: Final = ("subscription_id", "product", "major", "quantity", "fee", "months", "state", "paid_until")
_QUANTITY: Final = click.IntRange(1, 10_000)
_MAJOR: Final = click.IntRange(0, 32_767)


class Euros(click.ParamType[Decimal]):
    """An amount of euros with two places: 12.50."""

    name = "euros"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the amount; a usage error for anything else."""
        whole, point, cents = str(value).partition(".")
        if not (whole.isdecimal() and whole.isascii() and len(whole) <= 9) or (
            point and not (len(cents) == 2 and cents.isdecimal() and cents.isascii())
        ):
            self.fail(f"{value!r} is no amount like 12.50", param, ctx)
        return Decimal(f"{whole}.{cents or '00'}")


EUROS: Final = Euros()


@click.group()
def subscriptions() -> None:
    """Subscriptions of clients, and their update plans."""


@subscriptions.command(name="list")
@click.option("--login", help="One account's only.")
@click.option("--after", default="", help="The id that the page before ended with.")
@as_json
def list_them(login: str | None, after: str, json_wanted: bool) -> None:
    """List subscriptions and how they stand."""
    behind = from_text(SUBSCRIPTION, after) or 0
    rows = do(lambda work: list_all(work, login, behind))
    told = [tell_subscription(row) for row in rows]
    shown = told if json_wanted else [_only(row, _SHOWN) for row in told]
    show_rows(shown, json_wanted=json_wanted, empty="There are no subscriptions.")


@subscriptions.command()
@click.argument("subscription_id")
@as_json
def show(subscription_id: str, json_wanted: bool) -> None:
    """Show a subscription with its charges."""
    row = do(lambda work: show_subscription(work, id_of(SUBSCRIPTION, subscription_id)))
    _show(tell_subscription(row), json_wanted)


@subscriptions.command()
@click.option("--login", required=True, help="The client's account.")
@click.option("--product", required=True, help="The product's code.")
@click.option("--major", required=True, type=_MAJOR, help="Major version covered.")
@click.option("--quantity", required=True, type=_QUANTITY, help="How many licences it covers.")
@click.option("--fee", required=True, type=EUROS, help="Euros for each period, without VAT.")
@click.option("--setup-fee", default="0.00", type=EUROS, show_default=True, help="Euros, once.")
@click.option("--months", required=True, type=click.Choice(["1", "12"]), help="A period's length.")
@as_json
def create(
    login: str,
    product: str,
    major: int,
    quantity: int,
    fee: Decimal,
    setup_fee: Decimal,
    months: str,
    json_wanted: bool,
) -> None:
    """Make a subscription; it begins on the day its first fee is paid."""
    terms = Terms(login, product, major, quantity, fee, setup_fee, int(months))
    made = do(lambda work: create_subscription(work, terms))
    _show(tell_subscription(Row(made.kept, product, "awaiting_first_fee", made.charges)), json_wanted)


@subscriptions.command()
@click.argument("identifier", metavar="SUBSCRIPTION_OR_PLAN_ID")
@click.option("--amount", required=True, type=EUROS, help="Euros that came in.")
@click.option("--reference", required=True, help="The bank's; the same payment is recorded once.")
@click.option("--charge", help="Which charge, unless the oldest open fee.")
@click.option("--method", default="bank", show_default=True)
@click.option("--paid-at", help="When it was paid, like 2026-11-22T15:45:00Z; now unless given.")
@as_json
def pay(
    identifier: str,
    amount: Decimal,
    reference: str,
    charge: str | None,
    method: str,
    paid_at: str | None,
    json_wanted: bool,
) -> None:
    """Record money for a fee; once it is paid in full, the next period is."""
    charge_id = None if charge is None else id_of(CHARGE, charge)
    money = Money(amount, method, reference, _moment(paid_at))
    plan_id = from_text(PLAN, identifier)
    if plan_id is not None:
        paid = do(lambda work: pay_plan(work, plan_id, money, charge_id))
    else:
        paid = do(lambda work: pay_subscription(work, id_of(SUBSCRIPTION, identifier), money, charge_id))
    show_one(tell_fee(paid), json_wanted=json_wanted)


@subscriptions.command()
@click.argument("subscription_id")
@click.option("--by", required=True, type=click.Choice([str(by) for by in EndedBy]), help="Who ends it.")
@click.option("--note", required=True, help="Why, in a few words.")
@as_json
def end(subscription_id: str, by: str, note: str, json_wanted: bool) -> None:
    """End a subscription; the licensor's ending refunds a yearly one's months that have not begun."""
    one = id_of(SUBSCRIPTION, subscription_id)
    ended = do(lambda work: end_subscription(work, one, EndedBy(by), note))
    shown = {
        "subscription_id": subscription_id,
        "refund": str(ended.ending.refund),
        "unused_months": ended.ending.unused_months,
        "revoked": ended.ending.revoke,
    }
    show_one(shown, json_wanted=json_wanted)


@subscriptions.command(name="plan")
@click.option("--login", required=True, help="The client's account.")
@click.option("--product", required=True, help="The product's code.")
@click.option("--fee", required=True, type=EUROS, help="Euros for each period, without VAT.")
@click.option("--months", required=True, type=click.IntRange(1, 120), help="A period's length.")
@as_json
def make_plan(login: str, product: str, fee: Decimal, months: int, json_wanted: bool) -> None:
    """Make an update plan: the right to newer builds, for a fee."""
    made = do(lambda work: create_plan(work, PlanTerms(login, product, fee, months)))
    _show(tell_plan(PlanRow(made.plan, product, "suspended", [made.charge])), json_wanted)


@subscriptions.command(name="plans")
@click.option("--login", required=True, help="The client's account.")
@as_json
def show_plans(login: str, json_wanted: bool) -> None:
    """List an account's update plans."""
    told = [tell_plan(row) for row in do(lambda work: list_plans(work, login))]
    shown = told if json_wanted else [_without_charges(row) for row in told]
    show_rows(shown, json_wanted=json_wanted, empty="There are no update plans.")


def id_of(prefix: str, text: str) -> int:
    """Return the id behind its public form. Raises BadParameter."""
    found = from_text(prefix, text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no id like {prefix}…")
    return found


def _moment(text: str | None) -> int | None:
    try:
        return None if text is None else moment_of("--paid-at", text)
    except MalformedError as wrong:
        raise click.BadParameter(wrong.detail, param_hint="--paid-at") from None


def _show(told: Mapping[str, Any], json_wanted: bool) -> None:
    show_one(told if json_wanted else _without_charges(told), json_wanted=json_wanted)
    if not json_wanted:
        show_rows(told["charges"], json_wanted=False, empty="Nothing is charged.")


def _without_charges(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in told.items() if name != "charges"}


def _only(told: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: told[name] for name in names}
