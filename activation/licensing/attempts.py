"""What somebody asks of a holding, complete and valid: the ids it may use are already in it."""

from collections.abc import Mapping
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
    """Bind this device to a licence of the account (L2, L4), or move one to it (R7)."""

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


@value
class Renew:
    """Give a fresh certificate for an activation that is still current (R8)."""

    license_id: int
    activation_id: int
    device: Presented
    major: int | None = None


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
