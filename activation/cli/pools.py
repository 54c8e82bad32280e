"""Resellers' pools from the command line: how they stand, tests granted, licences assigned."""

from collections.abc import Sequence
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.reselling.customers import tell_assigned
from activation.http.reselling.pools import tell_pool
from activation.licensing.identifiers import RESELLER, account_of_login, from_text, to_text
from activation.licensing.verdicts import Refused
from activation.service.reselling.assigning import Wish, assign
from activation.service.reselling.granting import Granted, assign_tests, grant_tests
from activation.service.reselling.handing import Assigned
from activation.service.reselling.pools import see_pools
from activation.service.working import Work

_product = click.option("--product", required=True, help="The product's code.")
_major = click.option("--major", required=True, type=click.IntRange(0, 32767), help="Major version covered.")
_count = click.option("--count", default=1, show_default=True, type=click.IntRange(1, 10_000))


@click.command()
@click.argument("reseller_id")
@as_json
def pool(reseller_id: str, json_wanted: bool) -> None:
    """Show how many licences a reseller's pools have, and where the others went."""

    async def read(work: Work) -> Sequence[Any] | Refused:
        found = await see_pools(work, _reseller(reseller_id))
        return found if isinstance(found, Refused) else [tell_pool(work.desk, one) for one in found]

    show_rows(do(read), json_wanted=json_wanted, empty="This reseller has no pool yet: nothing is paid.")


@click.command(name="grant-tests")
@click.argument("reseller_id")
@_product
@_major
@_count
@as_json
def grant(reseller_id: str, product: str, major: int, count: int, json_wanted: bool) -> None:
    """Grant a reseller test licences, to be assigned to its customers."""

    async def give(work: Work) -> Granted | Refused:
        return await grant_tests(work, _reseller(reseller_id), product, major, count)

    done = do(give)
    shown = {
        "reseller_id": to_text(RESELLER, done.reseller_id),
        "product": done.product,
        "major": done.major,
        "granted": done.count,
        "balance": done.balance,
    }
    show_one(shown, json_wanted=json_wanted)


@click.command(name="assign")
@click.option("--reseller", "reseller_id", required=True, help="Whose pool: the reseller's id.")
@click.option("--login", required=True, help="The login of one of its customers.")
@_product
@_major
@_count
@click.option("--test", "is_test", is_flag=True, help="Test licences: 14 days, for who never had another.")
@as_json
def assign_out(
    reseller_id: str, login: str, product: str, major: int, count: int, is_test: bool, json_wanted: bool
) -> None:
    """Assign licences out of a reseller's pool to one of its customers."""
    use_case = assign_tests if is_test else assign

    async def give(work: Work) -> Assigned | Refused:
        wish = Wish(account_of_login(login), product, major, count)
        return await use_case(work, _reseller(reseller_id), wish)

    told = tell_assigned(do(give))
    lists = ("license_ids", "ended_tests")
    shown = told if json_wanted else {**told, **{name: " ".join(told[name]) for name in lists}}
    show_one(shown, json_wanted=json_wanted)


def _reseller(text: str) -> int:
    found = from_text(RESELLER, text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no reseller's id ({RESELLER}…)")
    return found
