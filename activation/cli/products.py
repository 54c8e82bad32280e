"""Products and their builds on the command line."""

from functools import partial

import click

from activation.cli.acting import do
from activation.cli.output import as_json, show_one, show_rows
from activation.http.staff.telling_licenses import tell_build, tell_product
from activation.messages.licenses import released_at_of
from activation.messages.strict import MalformedError
from activation.service.products import (
    NewProduct,
    change_policy,
    decide_on_forks,
    make_build,
    make_product,
    see_products,
)


@click.group()
def products() -> None:
    """Products, and the builds that terms of updates are measured by."""


@products.command(name="create")
@click.option("--code", required=True, help="What softphones call it.")
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--policy",
    default="standard",
    show_default=True,
    type=click.Choice(["strict", "standard", "lenient"]),
    help="How devices are recognised.",
)
@click.option(
    "--install-id-on", multiple=True, metavar="PLATFORM", help="Where an install id will do; * for all."
)
@click.option(
    "--update-months",
    type=click.IntRange(1, 1200),
    help="How long later builds are free. [default: for ever]",
)
@click.option("--refuse-forks", is_flag=True, help="Refuse renewals by copied device keys; else report them.")
@as_json
def create_product(
    code: str,
    name: str,
    policy: str,
    install_id_on: tuple[str, ...],
    update_months: int | None,
    refuse_forks: bool,
    json_wanted: bool,
) -> None:
    """Make a product."""
    new = NewProduct(code, name, policy, frozenset(install_id_on), update_months, refuse_forks)
    made = do(partial(make_product, new=new))
    shown = {"code": made.code, "update_months": made.update_months, "refuses_forks": made.refuses_forks}
    show_one(shown, json_wanted=json_wanted)


@products.command(name="forks")
@click.argument("code")
@click.option("--refuse/--report", "refuses", required=True, help="What becomes of such a renewal.")
@as_json
def decide_forks(code: str, refuses: bool, json_wanted: bool) -> None:
    """Refuse renewals by copied device keys, or only report them (D6)."""
    product = do(partial(decide_on_forks, code=code, refuses_forks=refuses))
    show_one(tell_product(product), json_wanted=json_wanted)


@products.command(name="policy")
@click.argument("code")
@click.argument("policy", type=click.Choice(["strict", "standard", "lenient"]))
@as_json
def set_policy(code: str, policy: str, json_wanted: bool) -> None:
    """Change how devices are recognised; those enrolled stay known as they were (D2)."""
    product = do(partial(change_policy, code=code, policy=policy))
    show_one(tell_product(product), json_wanted=json_wanted)


@products.command(name="list")
@as_json
def list_products(json_wanted: bool) -> None:
    """List all products."""
    rows = [tell_product(one) for one in do(see_products)]
    show_rows(rows, json_wanted=json_wanted, empty="There is no product yet: activation products create.")


@products.command(name="build")
@click.argument("code")
@click.argument("version")
@click.option("--released-at", required=True, metavar="TIME", help="Like 2026-11-22T15:45:00Z.")
@as_json
def add_build(code: str, version: str, released_at: str, json_wanted: bool) -> None:
    """Make known when a build was released (L7)."""
    try:
        at = released_at_of(released_at)
    except MalformedError as wrong:
        raise click.BadParameter(wrong.detail, param_hint="--released-at") from None
    build = do(partial(make_build, code=code, version=version, released_at=at))
    show_one({"product": code, **tell_build(build)}, json_wanted=json_wanted)
