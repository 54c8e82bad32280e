"""Direct customers on the command line: what an account has (C3), purchases by hand (C1), P10."""

from decimal import Decimal
from typing import Any, Final

import click
import msgspec

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.cli.subscriptions import EUROS, id_of
from activation.http.staff.purchases import METHODS, tell_account, tell_bought
from activation.licensing.identifiers import ORDER
from activation.licensing.verdicts import Refused
from activation.messages.purchases import Email, Name
from activation.service.purchasing.buyers import Buyer
from activation.service.purchasing.buying import Basket, buy
from activation.service.purchasing.paying import pay_purchase
from activation.service.purchasing.showing import show_account
from activation.service.purchasing.withdrawing import withdraw
from activation.service.reselling.paying import Money
from activation.service.working import Work

_QUANTITY: Final = click.IntRange(1, 10_000)


@click.command(name="show")
@click.argument("login")
@as_json
def show(login: str, json_wanted: bool) -> None:
    """Show what an account has bought, uses, and has free."""

    async def run(work: Work) -> dict[str, Any] | Refused:
        view = await show_account(work, login)
        return view if isinstance(view, Refused) else tell_account(work, view)

    told = do(run)
    if json_wanted:
        show_one(told, json_wanted=True)
        return
    show_one({name: told[name] for name in ("account_id", "state")}, json_wanted=False)
    show_rows(told["licenses"], json_wanted=False, empty="It has no licences.")
    if told["purchases"]:
        show_rows(told["purchases"], json_wanted=False, empty="")


@click.command(name="purchase")
@click.option("--email", required=True, help="The buyer's; an account with it gets the licences.")
@click.option("--name", required=True, help="The buyer's name.")
@click.option("--address", default="", help="The buyer's address.")
@click.option("--product", required=True, help="The product's code.")
@click.option("--major", required=True, type=click.IntRange(0, 32_767), help="Major version covered.")
@click.option("--quantity", default=1, show_default=True, type=_QUANTITY)
@click.option("--total", required=True, type=EUROS, help="Euros for all of them, without VAT.")
@click.option("--reference", required=True, help="Names the purchase: entered twice it is one.")
@click.option("--method", default="mail", show_default=True, type=click.Choice(sorted(METHODS)))
@click.option("--consumer", is_flag=True, help="The buyer is a consumer.")
@as_json
def purchase(  # noqa: PLR0913, PLR0917  (what a purchase is)
    email: str,
    name: str,
    address: str,
    product: str,
    major: int,
    quantity: int,
    total: Decimal,
    reference: str,
    method: str,
    consumer: bool,
    json_wanted: bool,
) -> None:
    """Enter a purchase made by mail or purchase order; a new account's login is mailed to the buyer."""
    buyer = Buyer(_checked(email, Email, "--email"), _checked(name, Name, "--name"), address)
    basket = Basket(buyer, product, major, quantity, total, METHODS[method], reference, consumer)
    told = tell_bought(do(lambda work: buy(work, basket)))
    shown = told if json_wanted else {**told, "licenses": " ".join(told["licenses"])}
    show_one(shown, json_wanted=json_wanted)


@click.command(name="pay")
@click.argument("purchase_id")
@click.option("--amount", required=True, type=EUROS, help="Euros that came in.")
@click.option("--reference", required=True, help="The bank's; the same payment is recorded once.")
@as_json
def pay(purchase_id: str, amount: Decimal, reference: str, json_wanted: bool) -> None:
    """Record money for a purchase order of an account's."""
    one = id_of(ORDER, purchase_id)
    paid = do(lambda work: pay_purchase(work, one, Money(amount, "bank", reference)))
    shown = {"paid": str(paid.paid), "total": str(paid.total), "settled": paid.settled}
    show_one(shown, json_wanted=json_wanted)


@click.command(name="withdraw")
@click.argument("purchase_id")
@as_json
def withdraw_purchase(purchase_id: str, json_wanted: bool) -> None:
    """Withdraw a consumer from an online purchase, within 14 days and before any use."""
    one = id_of(ORDER, purchase_id)
    done = do(lambda work: withdraw(work, one))
    shown = {"purchase_id": purchase_id, "revoked": len(done.license_ids), "refund": str(done.refund)}
    show_one(shown, json_wanted=json_wanted)


def _checked(text: str, kind: Any, hint: str) -> str:
    try:
        return str(msgspec.convert(text, kind))
    except msgspec.ValidationError:
        raise click.BadParameter(f"{text!r} is not one", param_hint=hint) from None
