"""The batch's read: from what attempts ask for to holdings that the rules can decide on."""

from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import chain
from typing import Any, Final
from uuid import UUID

from activation.licensing.devices.enrolment import unpack
from activation.licensing.devices.kinds import Presented
from activation.licensing.devices.policies import findable
from activation.licensing.devices.sightings import Sighting
from activation.licensing.identifiers import shard_of
from activation.licensing.model import (
    SMALL_HOLDING,
    Account,
    AccountState,
    Activation,
    Ended,
    Holding,
    License,
    LicenseKind,
    LicenseState,
)
from activation.licensing.values import value
from activation.storage.connection import Connection, Row
from activation.storage.statements import statement

# Calling an enumeration costs more than all else that is done with a column.
_KINDS: Final = tuple(LicenseKind)
_STATES: Final = tuple(LicenseState)
_ACCOUNT_STATES: Final = tuple(AccountState)


@value
class Ask:
    """Which holding an attempt needs: by account and product, or by one of its licences.

    `device`, `major`, `named` and `released_at` (of the build, None for one not known) say which seats matter
    should the holding be a large one. Who asks with a password is shown nothing without it: given
    `secret_hash`, an account that has no such hash is none, at the same cost as one that does not exist (I3).
    """

    account_id: int = 0
    product_id: int = 0
    license_id: int = 0
    device: Presented | None = None
    major: int | None = None
    named: int | None = None
    released_at: int | None = None
    secret_hash: bytes | None = field(repr=False, default=None)

    @property
    def key(self) -> tuple[int, int]:
        """Return what the same holding is asked for by."""
        return (self.license_id, -1) if self.license_id else (self.account_id, self.product_id)


@value
class Facts:
    """What one read found: the database's clock (seconds) and a holding, or None, for each ask.

    `pepper_used` is the highest version that anything was keyed under (D5). Who knows only older ones may not
    have found all that is there.
    """

    now: int
    holdings: list[Holding | None]
    pepper_used: int


async def read_holdings(connection: Connection, asks: Sequence[Ask], shift_s: int = 0) -> Facts:
    """Read the holdings that `asks` name, in one statement, and a second one if any of them is large.

    `shift_s` moves the database's clock: tests simulate time with it.
    """
    keys = {(ask.key, ask.secret_hash): ask for ask in asks}
    by_account = [ask for ask in keys.values() if not ask.license_id]
    by_license = [ask for ask in keys.values() if ask.license_id]
    rows = await connection.fetch(
        statement("read_holdings"),
        [ask.account_id for ask in by_account],
        [ask.product_id for ask in by_account],
        [ask.license_id for ask in by_license],
        SMALL_HOLDING,
        [ask.secret_hash for ask in by_account],
    )
    found: list[Holding | None] = [None] * (len(keys) + 1)
    merged: dict[tuple[int, int], Holding] = {}
    for row in rows:
        if row[1] is not None:
            found[row[1]] = _add_row(row, merged)
    ordinals = {(ask.key, ask.secret_hash): n for n, ask in enumerate([*by_account, *by_license], start=1)}
    holdings = [found[ordinals[ask.key, ask.secret_hash]] for ask in asks]
    now = rows[0][0] + shift_s
    await _read_seats(connection, asks, holdings, now)
    return Facts(now, holdings, rows[0]["pepper_used"])


def _add_row(row: Row, merged: dict[tuple[int, int], Holding]) -> Holding:
    key = (row[2], row[6])
    holding = merged.get(key)
    if holding is None:
        account = Account(row[2], row[3], row[4], _ACCOUNT_STATES[row[5]])
        holding = merged[key] = Holding(account, row[6], row[7] or 0, row[8] or 0)
    if row[9] is not None:
        _add_license(holding, row, 9)
    return holding


def _add_license(holding: Holding, row: Row, at: int) -> None:
    """Add the licence and activations that `row` tells of from column `at` on, unless they are there."""
    license_id: int = row[at]
    held = holding.licenses.get(license_id)
    if held is None:
        held = holding.licenses[license_id] = License(
            license_id,
            row[at + 1],
            _KINDS[row[at + 2]],
            _STATES[row[at + 3]],
            *row[at + 4 : at + 13],
        )
        if row[at + 24] is not None:
            held.last = _activation(held, *row[at + 24 : at + 31])
            held.last.ended_at, held.last.ended_why = row[at + 31], Ended(row[at + 32])
    activation_id = row[at + 13]
    if activation_id is not None and all(one.activation_id != activation_id for one in held.current):
        held.current.append(_activation(held, *row[at + 13 : at + 24]))


def _activation(
    held: License, activation_id: int, slot: int, enrolment: bytes, pepper: int, *rest: Any
) -> Activation:
    return Activation(activation_id, held.license_id, slot, unpack(enrolment, pepper), *rest)


async def _read_seats(
    connection: Connection, asks: Iterable[Ask], holdings: Iterable[Holding | None], now: int
) -> None:
    """Add to the large holdings the seats that the asks need of them."""
    wanted: dict[int, tuple[Holding, list[Ask]]] = {}
    for ask, holding in zip(asks, holdings, strict=True):
        if holding is not None and holding.is_large and not ask.license_id:
            wanted.setdefault(id(holding), (holding, []))[1].append(ask)
    if not wanted:
        return
    groups = list(wanted.values())
    numbered = [(n, ask) for n, (_, group) in enumerate(groups, start=1) for ask in group]
    digests = {(n, digest) for n, ask in numbered for digest in _digests(ask)}
    named = {(n, ask.named) for n, ask in numbered if ask.named is not None}
    builds = {(n, ask.major, ask.released_at or 0) for n, ask in numbered if ask.major is not None}
    rows = await connection.fetch(
        statement("read_seats"),
        [shard_of(holding.account.account_id) for holding, _ in groups],
        [holding.account.account_id for holding, _ in groups],
        [holding.product_id for holding, _ in groups],
        [len(group) for _, group in groups],
        [n for n, _ in digests],
        [UUID(bytes=digest) for _, digest in digests],
        [n for n, _ in named],
        [license_id for _, license_id in named],
        [n for n, _, _ in builds],
        [major for _, major, _ in builds],
        [released_at for _, _, released_at in builds],
        now,
    )
    for row in rows:
        _add_license(groups[row[0] - 1][0], row, 1)


def _digests(ask: Ask) -> Iterable[bytes]:
    """Return all digests that a seat of this device may be found by: under whichever pepper."""
    device = ask.device
    if isinstance(device, Sighting):
        return chain.from_iterable(findable(one) for one in device.under_all())
    return findable(device) if device else ()


async def lock_holdings(connection: Connection, asks: Sequence[Ask]) -> None:
    """Keep the holdings that `asks` name until the caller's transaction ends."""
    by_account = [ask for ask in asks if not ask.license_id]
    by_license = [ask for ask in asks if ask.license_id]
    await connection.execute(
        statement("lock_holdings"),
        [ask.account_id for ask in by_account],
        [ask.product_id for ask in by_account],
        [ask.license_id for ask in by_license],
    )
