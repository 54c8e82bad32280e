"""Orders and prices from the command line: listed, placed, paid, cancelled."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.naming import id_of
from activation.http.reselling.telling import tell_order, tell_payment_id
from activation.licensing.identifiers import ORDER, RESELLER
from activation.licensing.reselling.ordering import Method, Order, OrderState
from activation.licensing.reselling.pricing import CENT, HIGHEST_PRICE, Tier
from activation.licensing.verdicts import Refused
from activation.service.reselling.ordering import Wish, cancel_order, place_order, see_orders
from activation.service.reselling.paying import Money
from activation.service.reselling.pricing import see_prices, set_prices
from activation.service.reselling.recording import record_receipt
from activation.service.working import Work

PAGE = 1000
MOST = Decimal("1000000000")
_EUROS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


@click.group()
def orders() -> None:
    """Orders: listed, placed, paid, cancelled."""


@orders.command(name="list")
@click.option("--reseller", "reseller_id", help="Of this reseller alone.")
@click.option("--state", type=click.Choice([state.name.lower() for state in OrderState]))
@as_json
def list_all(reseller_id: str | None, state: str | None, json_wanted: bool) -> None:
    """List orders, oldest first."""
    whose = None if reseller_id is None else id_of(RESELLER, reseller_id)
    wanted = None if state is None else OrderState[state.upper()]

    async def read(work: Work) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = 0
        while page := await see_orders(work, whose, wanted, after, PAGE):
            rows += [tell_order(work, one) for one in page]
            after = page[-1].purchase_id
        return rows

    columns = ("order_id", "product", "quantity", "total", "state", "due_at")
    rows = do(read)
    shown = rows if json_wanted else [{name: row[name] for name in columns} for row in rows]
    show_rows(shown, json_wanted=json_wanted, empty="There is no such order.")


@orders.command(name="place")
@click.argument("reseller_id")
@click.option("--product", required=True, help="The product's code.")
@click.option("--major", required=True, type=click.IntRange(0, 32767), help="Major version.")
@click.option("--quantity", required=True, type=click.IntRange(1, 100_000))
@click.option(
    "--method",
    default="purchase_order",
    show_default=True,
    type=click.Choice([method.name.lower() for method in Method]),
)
@as_json
def place(reseller_id: str, product: str, major: int, quantity: int, method: str, json_wanted: bool) -> None:
    """Place an order for a reseller, at the price of the day."""
    wish = Wish(product, major, quantity, Method[method.upper()])

    async def order(work: Work) -> dict[str, Any] | Refused:
        return _told(work, await place_order(work, id_of(RESELLER, reseller_id), wish))

    show_one(do(order), json_wanted=json_wanted)


@orders.command(name="pay")
@click.argument("order_id")
@click.option("--amount", required=True, help="Euros, like 120.50.")
@click.option("--reference", required=True, help="The bank's own: the same payment is recorded once.")
@click.option("--method", default="transfer", show_default=True)
@as_json
def pay(order_id: str, amount: str, reference: str, method: str, json_wanted: bool) -> None:
    """Record a payment; paid in full, the order's licences join the pool."""
    money = Money(_euros(amount, "--amount", MOST), method, reference)
    done = do(partial(record_receipt, money=money, purchase_id=id_of(ORDER, order_id)))
    shown = {
        "payment_id": tell_payment_id(done.payment_id),
        "paid": str(done.paid),
        "total": str(done.total),
        "settled": done.settled,
        "recorded_before": not done.fresh,
    }
    show_one(shown, json_wanted=json_wanted)


@orders.command(name="cancel")
@click.argument("order_id")
@as_json
def cancel(order_id: str, json_wanted: bool) -> None:
    """Cancel an order of which nothing is paid."""

    async def end(work: Work) -> dict[str, Any] | Refused:
        return _told(work, await cancel_order(work, id_of(ORDER, order_id)))

    show_one(do(end), json_wanted=json_wanted)


@click.command()
@click.argument("product", required=False)
@click.argument("tiers", nargs=-1, metavar="[QUANTITY=EUROS]...")
@as_json
def prices(product: str | None, tiers: tuple[str, ...], json_wanted: bool) -> None:
    """Show the prices, or put a product's new table in force: `prices zoiper 1=40 10=35.50`."""
    if product is not None and tiers:
        do(partial(set_prices, product=product, tiers=[_tier(one) for one in tiers]))
    rows = [
        {"product": one.product, "from_quantity": tier.from_quantity, "unit": str(tier.unit)}
        for one in do(see_prices)
        if product in (None, one.product)
        for tier in one.table
    ]
    show_rows(rows, json_wanted=json_wanted, empty="There is no price yet: activation products prices.")


def _told(work: Work, order: Order | Refused) -> dict[str, Any] | Refused:
    return order if isinstance(order, Refused) else tell_order(work, order)


def _tier(text: str) -> Tier:
    quantity, _, unit = text.partition("=")
    if not (quantity.isascii() and quantity.isdigit()):
        raise click.BadParameter(f"{text!r} is not QUANTITY=EUROS", param_hint="tiers")
    return Tier(int(quantity[:9]), _euros(unit, "tiers", HIGHEST_PRICE))


def _euros(text: str, hint: str, most: Decimal) -> Decimal:
    amount = Decimal(text) if _EUROS.fullmatch(text) else Decimal(0)
    if not 0 < amount <= most:
        raise click.BadParameter(f"{text!r} is not an amount in euros", param_hint=hint)
    return amount.quantize(CENT)
