"""What softphones, end users and staff send: closed types, each field with its bounds."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from activation.licensing.devices.kinds import KINDS
from activation.licensing.identifiers import LICENSE, from_text
from activation.messages.strict import MalformedError, decode

MAX_BODY: Final = 16 * 1024
MAX_MACS: Final = 16

Word = Annotated[str, Meta(min_length=1, max_length=64)]
Version = Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9A-Za-z.+_-]{0,40})?\Z", max_length=48)]
Platform = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}\Z")]
DeviceName = Annotated[str, Meta(max_length=128)]
Value = Annotated[str, Meta(max_length=256)]
Values = Annotated[list[Value], Meta(max_length=MAX_MACS)]
Components = Annotated[dict[Annotated[str, Meta(max_length=32)], Value | Values], Meta(max_length=32)]
PublicKey = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
"""32 bytes in base64url's one spelling: the bits that are left over are zero."""
Token = Annotated[str, Meta(min_length=1, max_length=8192)]
Reason = Annotated[str, Meta(min_length=1, max_length=64)]
Note = Annotated[str, Meta(min_length=1, max_length=2000)]


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """The device that asks, as it reads itself."""

    platform: Platform
    components: Components
    name: DeviceName | UnsetType = UNSET
    public_key: PublicKey | UnsetType = UNSET


class ActivationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/activations`."""

    product: Word
    version: Version
    device: Device
    move: bool | UnsetType = UNSET
    license_id: Word | UnsetType = UNSET

    @property
    def major(self) -> int:
        """Return the major version that `version` begins with."""
        return major_of(self.version)


class RenewalRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/renewals`."""

    certificate: Token
    device: Device
    version: Version | UnsetType = UNSET
    proof: Token | UnsetType = UNSET


class ReleaseRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/releases`."""

    certificate: Token
    device: Device


class ResetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/resets`."""

    license_id: Word


REASONS: Final = (
    "hardware_failure",
    "device_lost",
    "device_replaced",
    "reinstallation",
    "mistaken_activation",
    "other",
)


class StaffResetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/licenses/{license_id}/resets` (R4)."""

    reason: Reason
    note: Note


FIELDS: Final = frozenset(
    {
        *KINDS,
        "Expect",
        *("armour", "box", "v", "login", "password", "nonce", "made_at"),
        *(
            name
            for message in (ActivationRequest, RenewalRequest, ReleaseRequest, StaffResetRequest, Device)
            for name in message.__struct_fields__
        ),
    }
)
"""Every name that a request may hold, for logs: any other is the caller's invention."""

_ACTIVATION = msgspec.json.Decoder(ActivationRequest)
_RENEWAL = msgspec.json.Decoder(RenewalRequest)
_RELEASE = msgspec.json.Decoder(ReleaseRequest)
_RESET = msgspec.json.Decoder(ResetRequest)
_STAFF_RESET = msgspec.json.Decoder(StaffResetRequest)


def parse_activation(body: bytes) -> ActivationRequest:
    """Read an activation request. Raises MalformedError, as all of these do."""
    request = decode(_ACTIVATION, body)
    refuse_lists(request.device)
    return request


def parse_renewal(body: bytes) -> RenewalRequest:
    """Read a renewal request."""
    request = decode(_RENEWAL, body)
    refuse_lists(request.device)
    return request


def parse_release(body: bytes) -> ReleaseRequest:
    """Read a release request."""
    request = decode(_RELEASE, body)
    refuse_lists(request.device)
    return request


def parse_reset(body: bytes) -> ResetRequest:
    """Read an owner's reset request."""
    return decode(_RESET, body)


def parse_staff_reset(body: bytes) -> StaffResetRequest:
    """Read a staff reset: one of REASONS and a note that says something."""
    request = decode(_STAFF_RESET, body)
    if request.reason not in REASONS:
        raise MalformedError("reason", f"The reason must be one of {', '.join(REASONS)}.")
    if not request.note.strip():
        raise MalformedError("note", "Say in a few words why.")
    return request


def license_id_of(text: str | UnsetType) -> int | None:
    """Return the licence id in `text`; None when there is none, 0 when it cannot be anybody's."""
    if text is UNSET:
        return None
    return from_text(LICENSE, text) or 0


def major_of(version: str) -> int:
    """Return the major version that a valid version begins with."""
    return int(version.split(".", 1)[0])


def refuse_lists(device: Device) -> None:
    """Refuse a list of values where there is one. Raises MalformedError."""
    for kind, value in device.components.items():
        if kind != "mac" and isinstance(value, list):
            raise MalformedError(f"device.components.{kind}", "Only mac takes a list.")
