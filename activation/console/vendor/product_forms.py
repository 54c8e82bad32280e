"""What is typed about products."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from activation.messages.licenses import Code, Months, Policy
from activation.messages.requests import Version

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Platforms = Annotated[str, Meta(max_length=1100)]


class NewForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A new product."""

    code: Code
    name: Name
    policy: Policy
    update_months: Months | None = None
    platforms: Platforms = ""


class SettingsForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A product's settings."""

    name: Name
    update_months: Months | None = None
    platforms: Platforms = ""


class PolicyForm(Struct, frozen=True, forbid_unknown_fields=True):
    """How devices are known."""

    policy: Policy


class ForksForm(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a copied device's renewals (D6)."""

    forks: Literal["reported", "refused"]


class BuildForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A build, and the day of its release."""

    version: Version
    released_on: Annotated[str, Meta(max_length=10)]
