"""What callers get. Struct fields are the wire's names; times are RFC 3339 in UTC."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class RevocationsAnswer(Struct, frozen=True):
    """Answer to `GET /v1/revocations`: the signed list, and the delegation of the key that signed it."""

    revocations: str
    delegation: str


class Resets(Struct, frozen=True):
    """Whether the owner may reset now, and when next if not (null: not by waiting)."""

    available: bool
    next_at: str | None


class ActivationAnswer(Struct, frozen=True):
    """Answer to an activation or a renewal."""

    license_id: str
    activation_id: str
    certificate: str
    delegation: str
    renew_after: str
    expires_at: str | None
    license_ends_at: str | None
    resets: Resets
    notices: list[str]
    status: str = "Success"


class ReleaseAnswer(Struct, frozen=True):
    """Answer to a release."""

    license_id: str
    next_at: str | None


class ResetAnswer(Struct, frozen=True):
    """Answer to an owner's reset."""

    license_id: str
    reset_id: str
    next_at: str | None


class ListedDevice(Struct, frozen=True):
    """The device that holds a licence."""

    name: str
    since: str
    online: bool


class ListedLicense(Struct, frozen=True):
    """A licence in its owner's list."""

    license_id: str
    product: str
    kind: str
    state: str
    device: ListedDevice | None
    resets: Resets


class LicensesAnswer(Struct, frozen=True, omit_defaults=True):
    """Answer to `GET /v1/licenses`; `next_after` is there when more follow."""

    licenses: list[ListedLicense]
    next_after: str | None = None


Told = Struct | Mapping[str, Any]
"""What an endpoint for staff or resellers answers: a message, or a plain object of JSON values."""
