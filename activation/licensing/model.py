"""What the rules speak of: product, account, licence, activation, and the holding that ties them.

A holding is one account's licences of one product. It is the whole that the rules L4 and R3 span, and
carries the version that every write is compared with. Times are whole seconds since 1970, UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum
from typing import Final

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.values import value

SMALL_HOLDING: Final = 16
"""A holding of up to so many licences is read whole; of a larger one only the seats that matter."""


class LicenseKind(IntEnum):
    """Kinds of licence (L5)."""

    PERPETUAL = 0
    TEST = 1
    FREE = 2
    SUBSCRIPTION = 3
    EVALUATION = 4


class LicenseState(IntEnum):
    """States of a licence (L8)."""

    ACTIVE = 0
    SUSPENDED = 1
    REVOKED = 2


class Hold(IntFlag):
    """Why a licence is suspended. Several may hold it at once; it is active again when the last lets go."""

    LATE = 1
    PENALTY = 2
    STAFF = 4
    FEE = 8


class AccountState(IntEnum):
    """States of an end-user account."""

    OPEN = 0
    CLOSED = 1


class Ended(IntEnum):
    """Why an activation is no longer current."""

    RESET = 1
    AGENT_RESET = 2
    RELEASED = 3
    MOVED = 4
    REPLACED = 5


class Fork(StrEnum):
    """What showed that a device's key has two holders, or none that proves it (D6)."""

    COUNTER = "counter"
    NO_PROOF = "no_proof"
    WRONG_PROOF = "wrong_proof"


@value
class Product:
    """A product and its settings.

    `install_id_platforms` names the platforms whose devices may be known by an install id alone (L3, D3);
    `*` stands for all. Validity and renewal are in seconds (protocol.md's certificate). `update_months` after
    a licence was given, later builds need an entitlement (L7); None: never. `refuses_forks`: a renewal by a
    copied device key is refused, not only reported (D6).
    """

    product_id: int
    code: str
    policy: str = "standard"
    install_id_platforms: frozenset[str] = frozenset()
    valid_s: int = 30 * 86400
    renew_s: int = 7 * 86400
    moving_valid_s: int = 8 * 86400
    moving_renew_s: int = 86400
    update_months: int | None = None
    refuses_forks: bool = False

    def allows_install_id(self, platform: str) -> bool:
        """Tell whether a device on `platform` may be known by its install id."""
        return "*" in self.install_id_platforms or platform in self.install_id_platforms


@dataclass(slots=True)
class Activation:
    """The binding of one licence and one device.

    `proof_counter` and `proof_hash` are of the last proof by `device_key` (0 and None before the first);
    `forked_at` is when two copies of that key first showed, `fork_told_at` when that was last told (D6).
    """

    activation_id: int
    license_id: int
    slot: int
    enrolment: Enrolment
    activated_at: int
    online: bool = True
    device_key: bytes | None = None
    proof_counter: int = 0
    proof_hash: bytes | None = None
    forked_at: int | None = None
    fork_told_at: int | None = None
    ended_at: int | None = None
    ended_why: Ended | None = None


@dataclass(slots=True)
class License:
    """One licence with its current activations and the last one that ended.

    `holds` are `Hold`'s bits: it is suspended exactly while there are any. `orphaned`: its reseller was
    terminated (R9).
    """

    license_id: int
    major: int
    kind: LicenseKind = LicenseKind.PERPETUAL
    state: LicenseState = LicenseState.ACTIVE
    device_limit: int = 1
    ends_at: int | None = None
    updates_until: int | None = None
    self_reset_at: int | None = None
    self_reset_before: int | None = None
    moves: int = 0
    moved_at: int | None = None
    orphaned: bool = False
    holds: int = 0
    current: list[Activation] = field(default_factory=list)
    last: Activation | None = None

    def free_slot(self) -> int | None:
        """Return the lowest slot below the device limit that no device holds, or None."""
        if self.device_limit == 1:
            return None if self.current else 0
        taken = {activation.slot for activation in self.current}
        return next((slot for slot in range(self.device_limit) if slot not in taken), None)

    def has_ended(self, now: int) -> bool:
        """Tell whether the licence's own term is over (decided when asked, never by a sweep)."""
        return self.ends_at is not None and now >= self.ends_at

    def is_over(self, now: int) -> bool:
        """Tell whether nothing is left of the right: it ended or was revoked."""
        return self.state is LicenseState.REVOKED or self.has_ended(now)


@dataclass(slots=True)
class Account:
    """An end-user account as the rules need it: no name, no e-mail."""

    account_id: int
    owner_hash: bytes
    activation_hash: bytes | None = None
    state: AccountState = AccountState.OPEN


@dataclass(slots=True)
class Holding:
    """One account's licences of one product, as read at `version`.

    `count` is how many licences there are; `licenses` holds all of them in a small holding, and in a large
    one those that the batch's devices may hold, the first free ones, and a few more to explain a refusal.
    """

    account: Account
    product_id: int
    version: int = 0
    count: int = 0
    licenses: dict[int, License] = field(default_factory=dict)

    @property
    def is_large(self) -> bool:
        """Tell whether this holding's seats are found by their digests."""
        return self.count > SMALL_HOLDING

    def activations(self) -> Iterator[tuple[License, Activation]]:
        """Walk over the current activations."""
        for held in self.licenses.values():
            for activation in held.current:
                yield held, activation
