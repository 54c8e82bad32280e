"""What people send about their own data, and staff about others'. Closed types."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from activation.messages.purchases import Address, Email, Name
from activation.messages.reselling import Version
from activation.messages.subscriptions import Login, Time

Kind = Literal["access", "portability", "rectification", "restriction", "objection", "erasure", "lifting"]
Regime = Literal["gdpr", "ccpa"]
Outcome = Literal["done", "refused", "withdrawn"]
Purpose = Literal["marketing"]
Text = Annotated[str, Meta(min_length=1, max_length=8000)]
How = Annotated[str, Meta(min_length=1, max_length=500)]
Phone = Annotated[str, Meta(pattern=r"^[0-9+][0-9 ()./-]{2,39}\Z", max_length=40)]
Code = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,32}\Z")]
Field = Annotated[str, Meta(pattern=r"^[a-z_]{1,32}\Z")]


class OwnRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/me/requests` (G4)."""

    kind: Kind
    regime: Regime = "gdpr"
    note: How | UnsetType = UNSET


class EnteredRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/requests`: what came by letter or mail; whose, by one of the two.

    `received_at`: when it came, if not now.
    """

    kind: Kind
    how: How
    regime: Regime = "gdpr"
    received_at: Time | UnsetType = UNSET
    account_id: Login | UnsetType = UNSET
    login: Login | UnsetType = UNSET


class Verification(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/requests/{request_id}/verify`."""

    how: How


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/requests/{request_id}/answer`: the written answer, as it is mailed."""

    answer: Text
    outcome: Outcome


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a person, corrected (G3); null deletes what may be missing."""

    name: Name | UnsetType | None = UNSET
    email: Email | UnsetType = UNSET
    address: Address | UnsetType | None = UNSET
    phone: Phone | UnsetType | None = UNSET


class Confirmation(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/me/data/confirmation`: the code that was mailed to a new e-mail."""

    code: Code


class OwnConsent(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/me/consents` (G8): `version` is that of the text that was shown."""

    purpose: Purpose
    given: bool
    version: Version


class EnteredConsent(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/accounts/{account_id}/consents`: what a person told staff, and how."""

    purpose: Purpose
    given: bool
    version: Version
    how: How


class BreachQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/privacy/breach-reports` (G7): looks from `since` to before `until`."""

    since: Time
    until: Time
    reader: Login | UnsetType = UNSET
    person: Login | UnsetType = UNSET
    field: Field | UnsetType = UNSET
