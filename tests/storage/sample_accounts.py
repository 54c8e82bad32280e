"""Accounts in a database, and a scene on what was read of them."""

import itertools

from licensing.sample_holdings import FRIDAY, SHARD, Scene, device

from activation.licensing.devices.policies import current_policy
from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.identifiers import make_id
from activation.licensing.model import Account, Holding, Product
from activation.licensing.verdicts import Granted
from activation.storage.accounts import NewLicenses, add_account, add_licenses
from activation.storage.products import add_product
from activation.storage.reading import Ask, read_holdings
from activation.storage.writing import HoldingWrite, write_changes

PEPPER = 1
_numbers = itertools.count(1)


def new_id() -> int:
    return make_id(SHARD, 10_000 + next(_numbers))


async def add_holding(connection, licenses: int = 1, account: int = 1, **fields) -> int:
    """Make an account with licences of product 1; return the account's id."""
    account_id = make_id(SHARD, account)
    await add_product(connection, Product(1, "softphone"), "Softphone")
    await add_account(connection, Account(account_id, bytes(16)), FRIDAY, {})
    if licenses:
        await add_more(connection, licenses, account, **fields)
    return account_id


async def add_more(connection, licenses: int, account: int = 1, *, first: int = 1, major: int = 5, **fields):
    account_id = make_id(SHARD, account)
    ids = [make_id(SHARD, account * 1000 + number) for number in range(first, first + licenses)]
    return await add_licenses(connection, NewLicenses(account_id, 1, ids, major, FRIDAY, **fields))


def ask_for(account_id: int, *names: str, major: int = 5, named: int | None = None) -> Ask:
    digests = [digest for name in names for digest in current_policy("standard").digests(device(name))]
    return Ask(account_id, 1, device={"mac": tuple(digests)}, major=major, named=named)


async def read(connection, account_id: int, *names: str, **fields) -> Scene:
    """Read a holding as an activation of the device of this name would, and set a scene on it."""
    facts = await read_holdings(connection, [ask_for(account_id, *names, **fields)])
    assert facts.holdings[0] is not None
    return Scene(facts.holdings[0], numbers=itertools.count(20_000 + 100 * next(_numbers)))


def event_of(verdict: Granted) -> Event:
    return Event(
        verdict.license.license_id,
        new_id(),
        EventKind.ACTIVATED,
        Actor.OWNER,
        verdict.rule,
        "7kq2-m4xd",
        None,
        verdict.activation.activation_id,
        '{"drifted": ["mac"]}',
    )


def write_of(holding: Holding, *verdicts: Granted) -> HoldingWrite:
    write = HoldingWrite(holding)
    for verdict in verdicts:
        assert isinstance(verdict, Granted), verdict
        write.changes.extend(verdict.changes)
        write.events.append(event_of(verdict))
    return write


async def write(connection, scene: Scene, *verdicts: Granted) -> bool:
    return (await write_changes(connection, [write_of(scene.holding, *verdicts)], PEPPER))[0]


def sorted_by_slot(holding: Holding) -> Holding:
    for held in holding.licenses.values():
        held.current.sort(key=lambda one: one.slot)
    return holding
