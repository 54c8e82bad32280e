"""All commands under one."""

import click

from activation.cli.accounts import accounts, staff
from activation.cli.client import client
from activation.cli.importing import import_licenses
from activation.cli.keys import keys
from activation.cli.licenses import licenses
from activation.cli.messages import hooks, mails
from activation.cli.orders import orders, prices
from activation.cli.pools import assign_out, grant, pool
from activation.cli.products import products
from activation.cli.purchases import pay, purchase, show, withdraw_purchase
from activation.cli.resellers import resellers
from activation.cli.resets import resets
from activation.cli.seed import seed
from activation.cli.server import config, demo, migrate, serve
from activation.cli.subscriptions import subscriptions


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="softphone-activation", prog_name="activation")
def activation() -> None:
    """Licence activation for softphones: the server, its keys and data, and a softphone's own side."""


for command in (show, purchase, pay, withdraw_purchase):
    accounts.add_command(command)
licenses.add_command(seed)
licenses.add_command(assign_out)
products.add_command(prices)
resellers.add_command(pool)
resellers.add_command(grant)
licenses.add_command(import_licenses)
for command in (
    serve,
    migrate,
    demo,
    config,
    keys,
    accounts,
    licenses,
    orders,
    products,
    resellers,
    resets,
    staff,
    subscriptions,
    mails,
    hooks,
    client,
):
    activation.add_command(command)
