"""What somebody asks of a holding, complete and valid: the ids it may use are already in it."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from activation.licensing.values import value

Presented = Mapping[str, tuple[bytes, ...]]
"""The digests of one request's device, by kind of component."""


class By(StrEnum):
    """Who asks."""

    OWNER = "owner"
    ACTIVATOR = "activator"
    DEVICE = "device"
    STAFF = "staff"


@value
class Activate:
    """Bind this device to a licence of the account (L2, L4), or move one to it (R7).

    Not `online`: by a request file, and the device counts as activated offline from then on (R2).
    """

    by: By
    major: int
    device: Presented
    policy: str
    activation_id: int
    reset_id: int
    device_name: str = ""
    move: bool = False
    license_id: int | None = None
    device_key: bytes | None = None
    released_at: int | None = None
    online: bool = True


@value
class Rebinding:
    """What a device needs to be bound to another licence by its certificate alone (T5)."""

    activation_id: int
    device_name: str = ""


@value
class Proof:
    """What a device shows of its key (D6): the proof's hash, and what is in it.

    `counter_under` takes a public key (32 bytes) and returns the proof's counter, None unless that key made
    the proof over the certificate that came with it.
    """

    hash: bytes
    counter_under: Callable[[bytes], int | None]


@value
class Renew:
    """Give a fresh certificate for an activation that is still current (R8).

    `rebinding` comes once it is known that the certificate is a test licence's that ended (T5).
    `released_at`, in both: when the build that asks was released, None for one not known (L7).
    `refuses_forks` is the product's (D6).
    """

    license_id: int
    activation_id: int
    device: Presented
    major: int | None = None
    released_at: int | None = None
    rebinding: Rebinding | None = None
    proof: Proof | None = None
    refuses_forks: bool = False


@value
class Release:
    """Let a device give its licence up by itself (R10)."""

    license_id: int
    activation_id: int
    device: Presented
    reset_id: int


@value
class Reset:
    """Free a licence from its device: the owner's own (R1-R3), or staff's with a reason (R4)."""

    by: By
    license_id: int
    reset_id: int
    account_id: int | None = None
    staff_id: int | None = None
    reason: str = ""
    note: str = ""


Attempt = Activate | Renew | Release | Reset
