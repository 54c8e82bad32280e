"""What staff send and get about licences, products and builds. Struct fields are the wire's names."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from activation.messages.requests import Note, Version, Word
from activation.messages.strict import MalformedError, decode
from activation.messages.times import from_rfc3339

Code = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z")]
Major = Annotated[int, Meta(ge=0, le=32_767)]
Count = Annotated[int, Meta(ge=1, le=10_000)]
Kind = Literal["perpetual", "test", "free", "subscription", "evaluation"]
Somewhere = Annotated[str, Meta(pattern=r"^(\*|[a-z0-9_-]{1,32})\Z")]
ProductName = Annotated[str, Meta(min_length=1, max_length=200)]
Policy = Literal["strict", "standard", "lenient"]
Months = Annotated[int, Meta(ge=1, le=1200)]


class NoteRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/licenses/{license_id}/suspend`, `/reinstate`, `/revoke`, `/extend`."""

    note: Note


class GrantRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/accounts/{login}/licenses`."""

    product: Word
    major: Major
    kind: Kind = "perpetual"
    count: Count = 1
    device_limit: Annotated[int, Meta(ge=1, le=1000)] | None = None


class BuildRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/products/{code}/builds`."""

    version: Version
    released_at: Annotated[str, Meta(max_length=40)]


class ProductRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/products`."""

    code: Code
    name: ProductName
    policy: Policy = "standard"
    install_id_platforms: Annotated[list[Somewhere], Meta(max_length=32)] = []
    update_months: Months | None = None
    refuses_forks: bool = False


class SettingsRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/products/{code}/settings`: all of them, as they are to be (L7, D3)."""

    name: ProductName
    install_id_platforms: Annotated[list[Somewhere], Meta(max_length=32)] = []
    update_months: Months | None = None


class ForksRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/products/{code}/forks` (D6)."""

    refuses_forks: bool


class PolicyRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/products/{code}/policy` (D2)."""

    policy: Policy


_NOTE = msgspec.json.Decoder(NoteRequest)
_GRANT = msgspec.json.Decoder(GrantRequest)
_BUILD = msgspec.json.Decoder(BuildRequest)
_PRODUCT = msgspec.json.Decoder(ProductRequest)
_SETTINGS = msgspec.json.Decoder(SettingsRequest)
_FORKS = msgspec.json.Decoder(ForksRequest)
_POLICY = msgspec.json.Decoder(PolicyRequest)


def parse_note(body: bytes) -> str:
    """Read a note that says something. Raises MalformedError, as all of these do."""
    note = decode(_NOTE, body).note
    if not note.strip():
        raise MalformedError("note", "Say in a few words why.")
    return note


def parse_grant(body: bytes) -> GrantRequest:
    """Read what an account is to get."""
    return decode(_GRANT, body)


def parse_build(body: bytes) -> tuple[str, int]:
    """Read a build's version and when it was released, in seconds since 1970."""
    message = decode(_BUILD, body)
    return message.version, released_at_of(message.released_at)


def parse_product(body: bytes) -> ProductRequest:
    """Read a new product."""
    return decode(_PRODUCT, body)


def parse_settings(body: bytes) -> SettingsRequest:
    """Read what a product's settings are to be."""
    return decode(_SETTINGS, body)


def parse_forks(body: bytes) -> bool:
    """Read whether renewals by copied device keys are to be refused (D6)."""
    return decode(_FORKS, body).refuses_forks


def parse_policy(body: bytes) -> str:
    """Read how a product is to know devices (D2)."""
    return decode(_POLICY, body).policy


def released_at_of(text: str) -> int:
    """Return the seconds since 1970 that a time of release stands for."""
    try:
        released_at = from_rfc3339(text)
    except (ValueError, OverflowError):
        raise MalformedError("released_at", "A time is written like 2026-11-22T15:45:00Z.") from None
    if released_at < 0:
        raise MalformedError("released_at", "A build was released after 1970.")
    return released_at
