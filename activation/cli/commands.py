"""All commands under one, each loaded when it is asked for: most start much sooner than all would."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from activation.licensing.values import value


@value
class _Place:
    """Where a command is written, and the commands of other files that stand under it."""

    file: str
    name: str
    under: tuple[str, ...] = ()


_PLACES: Final[Mapping[str, _Place]] = {
    "serve": _Place("server", "serve"),
    "migrate": _Place("server", "migrate"),
    "demo": _Place("server", "demo"),
    "config": _Place("server", "config"),
    "keys": _Place(
        "keys",
        "keys",
        (
            "key_ceremony.init",
            "key_ceremony.rotate",
            "key_ceremony.request",
            "key_ceremony.sign",
            "key_ceremony.install",
            "key_files.export_private",
            "key_files.import_private",
            "revocations.revocations",
        ),
    ),
    "accounts": _Place(
        "accounts",
        "accounts",
        ("purchases.show", "purchases.purchase", "purchases.pay", "purchases.withdraw_purchase"),
    ),
    "licenses": _Place(
        "licenses",
        "licenses",
        (
            "seed.seed",
            "pools.assign_out",
            "importing.import_licenses",
            "offline_licenses.offline_activate",
            "offline_licenses.offline_files",
        ),
    ),
    "orders": _Place("orders", "orders"),
    "products": _Place("products", "products", ("orders.prices",)),
    "resellers": _Place("resellers", "resellers", ("pools.pool", "pools.grant")),
    "resets": _Place("resets", "resets"),
    "traces": _Place("traces", "traces"),
    "privacy": _Place(
        "privacy",
        "privacy",
        (
            "privacy_requests.requests",
            "privacy_requests.ask",
            "privacy_requests.verify_request",
            "privacy_requests.answer_request",
            "privacy_persons.export",
            "privacy_persons.rectify_person",
            "privacy_persons.wish",
            "privacy_persons.consent",
            "privacy_breach.breach",
            "privacy_erasing.erase",
            "privacy_erasing.retention",
            "privacy_erasing.register",
            "privacy_erasing.ledger",
        ),
    ),
    "staff": _Place("staff", "staff"),
    "subscriptions": _Place("subscriptions", "subscriptions"),
    "mails": _Place("messages", "mails"),
    "hooks": _Place("messages", "hooks"),
    "pepper": _Place("pepper", "pepper"),
    "audit": _Place("audit", "audit"),
    "client": _Place(
        "client", "client", ("offline_client.offline_request", "offline_client.offline_install")
    ),
}


class _Commands(click.Group):
    """The commands of `_PLACES`."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_PLACES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        place = _PLACES.get(name)
        if place is None:
            return None
        command = _load(f"{place.file}.{place.name}")
        for each in place.under:
            if isinstance(command, click.Group):
                command.add_command(_load(each))
        return command


def _load(path: str) -> click.Command:
    file, _, name = path.partition(".")
    command: click.Command = getattr(import_module(f"activation.cli.{file}"), name)
    return command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="softphone-activation", prog_name="activation")
def activation() -> None:
    """Licence activation for softphones: the server, its keys and data, and a softphone's own side."""
