"""What the demo database holds: a product, accounts, a reseller, staff. Enters no database but its own."""

import time
from typing import Any, Final

from activation.config import Settings
from activation.demo.activity import fill_activity
from activation.demo.logins import keep_logins, load_logins
from activation.demo.reselling import make_demo_reseller
from activation.licensing.identifiers import LICENSE, to_text
from activation.licensing.model import Product
from activation.service.ids import IdSource
from activation.service.provisioning import (
    Keys,
    MadeAccount,
    MadeUser,
    grant_licenses,
    make_account,
    make_staff,
)
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.installation import claim_for_demo, is_demo
from activation.storage.products import add_product
from crypto.pepper import Pepper

PRODUCT: Final = Product(1, "zoiper", install_id_platforms=frozenset({"*"}))
MAJOR: Final = 5
VERSION: Final = "5.6.4"
COMPANY_SEATS: Final = 50
ROLES: Final = ("support", "sales", "admin", "auditor")


class ForeignDatabaseError(Exception):
    """The database holds somebody's own data; the text says what to do."""


async def seed(connection: Connection, settings: Settings, pepper: Pepper) -> dict[str, Any]:
    """Fill the demo's database if it is new; return the demo's logins. Raises ForeignDatabaseError."""
    if await is_demo(connection):
        return _load_logins(settings)
    async with connection.transaction():
        if not await claim_for_demo(connection):
            raise ForeignDatabaseError(
                "This database holds data that the demo did not make, so no demo data goes into it. "
                "Use `activation serve`, or another ACTIVATION_DATABASE_URL."
            )
        keys = Keys(pepper.derive("passwords"), pepper.derive("totp"))
        logins = await _fill(connection, keys)
        keep_logins(settings.data_dir, logins)
    return logins


async def hire_agent(connection: Connection, pepper: Pepper) -> str | None:
    """Make a support agent who is not among the demo's logins; return the token."""
    keys = Keys(pepper.derive("passwords"), pepper.derive("totp"))
    return (await make_staff(connection, keys, IdSource(), "support", login="maria")).token


def _load_logins(settings: Settings) -> dict[str, Any]:
    try:
        return load_logins(settings.data_dir)
    except FileNotFoundError:
        raise ForeignDatabaseError(
            f"The demo's logins are not in {settings.data_dir}: a load test filled this database, or a demo "
            "with another data folder. Use that folder, or another ACTIVATION_DATABASE_URL."
        ) from None


async def _fill(connection: Connection, keys: Keys) -> dict[str, Any]:
    ids = IdSource()
    await add_product(connection, PRODUCT, "Softphone")
    machine = await _account(connection, keys, ids, "This machine", 1)
    end_user = await _account(connection, keys, ids, "Elena Example", 1)
    company = await _account(connection, keys, ids, "Example Calls Ltd", COMPANY_SEATS)
    reseller = await make_demo_reseller(connection, keys, ids, PRODUCT, MAJOR)
    made = {role: await make_staff(connection, keys, ids, role) for role in ROLES}
    staff = {role: _user(one) for role, one in made.items()}
    await fill_activity(connection, int(time.time()), (made["support"].user_id, made["sales"].user_id))
    return {
        "this_machine": machine,
        "end_user": end_user,
        "company": company,
        "reseller": _user(reseller),
        "staff": staff,
    }


async def _account(
    connection: Connection, keys: Keys, ids: IdSource, name: str, seats: int
) -> dict[str, Any]:
    made: MadeAccount = await make_account(
        connection, keys, ids, personal={PersonalField.NAME: name}, rolled_out=seats > 1
    )
    given = await grant_licenses(connection, ids, made.account_id, PRODUCT.product_id, MAJOR, seats)
    shown: dict[str, Any] = {"login": made.login, "password": made.password}
    if made.activation_password is not None:
        shown["activation_password"] = made.activation_password
    return {**shown, "licenses": [to_text(LICENSE, one) for one in given]}


def _user(made: MadeUser) -> dict[str, Any]:
    shown = {"login": made.login, "password": made.password, "totp_secret": made.totp_secret}
    return shown if made.token is None else {**shown, "token": made.token}
