"""The copy of all that is known of a person (G3): its shape, described in docs/export.md.

Times are RFC 3339 in UTC, amounts euros without VAT as text, ids as everywhere. A field is never taken
away or given another meaning within one `format`; readers pass over fields that they do not know.
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

FORMAT: Final = "softphone-activation.person/1"


class Copy(Struct, frozen=True):
    """Which copy this is since the account was made, and whether it costs nothing: the first does."""

    number: int
    free: bool


class Account(Struct, frozen=True):
    """The account itself. `reseller` is who was given it, and sees it, if a reseller made it."""

    account_id: str
    made_at: str
    state: str
    closed_at: str | None
    restricted_at: str | None
    objected_at: str | None
    erased_at: str | None
    regular_at: str | None
    has_activation_password: bool
    reseller: str | None
    affiliated: bool
    own_use: bool


class Person(Struct, frozen=True):
    """What the person gave of themselves. `new_email` waits to be confirmed, and counts for nothing yet."""

    login: str | None
    name: str | None
    email: str | None
    address: str | None
    phone: str | None
    new_email: str | None


class Change(Struct, frozen=True):
    """A part of a device that was another one from then on."""

    part: str
    at: str


class Device(Struct, frozen=True):
    """A device that holds or held a licence. Of its parts only digests are kept; `parts` names which."""

    activation_id: str
    name: str | None
    since: str
    until: str | None
    ended_why: str | None
    online: bool
    has_key: bool
    forked_at: str | None
    policy: str
    parts: list[str]
    changes: list[Change]


class Reset(Struct, frozen=True):
    """A licence freed from a device: by its owner, by staff with a reason, by the device itself."""

    reset_id: str
    activation_id: str
    reset_at: str
    why: str
    by_staff: bool
    reason: str
    note: str


class StaffReset(Struct, frozen=True):
    """A reset or replacement that staff asked for, whatever became of it."""

    reset_id: str
    kind: str
    state: str
    reason: str
    note: str
    asked_at: str
    decided_at: str | None
    undone_at: str | None


class OfflineFile(Struct, frozen=True):
    """A certificate file that was given for a request file."""

    activation_id: str
    certificate_id: str
    made_at: str
    issued_at: str
    expires_at: str | None
    by_staff: bool


class Note(Struct, frozen=True):
    """What staff noted about a licence."""

    noted_at: str
    note: str


class Event(Struct, frozen=True):
    """What happened: by whom in what role, by which rule. `address`, for 30 days, is told if it was yours."""

    at: str
    event: str
    by: str
    role: str | None
    rule: str
    trace_id: str
    activation_id: str | None
    address: str | None
    details: dict[str, Any]


class License(Struct, frozen=True):
    """A licence, with all that happened to it."""

    license_id: str
    product: str
    major: int
    kind: str
    state: str
    given_at: str
    license_ends_at: str | None
    updates_until: str | None
    device_limit: int
    orphaned: bool
    moves: int
    moved_at: str | None
    self_reset_at: str | None
    purchase_id: str | None
    subscription_id: str | None
    devices: list[Device]
    resets: list[Reset]
    staff_resets: list[StaffReset]
    offline_files: list[OfflineFile]
    notes: list[Note]
    events: list[Event]


class Purchase(Struct, frozen=True):
    """What was bought."""

    purchase_id: str
    product: str
    major: int
    quantity: int
    unit: str
    total: str
    paid: str
    method: str
    state: str
    consumer: bool
    reference: str | None
    placed_at: str
    due_at: str
    paid_at: str | None
    ended_at: str | None
    downloaded_at: str | None


class Charge(Struct, frozen=True):
    """What was charged beside purchases."""

    charge_id: str
    kind: str
    state: str
    amount: str
    paid: str
    opened_at: str
    due_at: str
    closed_at: str | None
    note: str


class Payment(Struct, frozen=True):
    """Money that came, or went back."""

    payment_id: str
    purchase_id: str | None
    charge_id: str | None
    amount: str
    method: str
    reference: str
    paid_at: str


class Subscription(Struct, frozen=True):
    """A subscription."""

    subscription_id: str
    product: str
    major: int
    quantity: int
    fee: str
    setup_fee: str
    months: int
    state: str
    made_at: str
    started_at: str | None
    paid_until: str | None
    ended_at: str | None
    ended_why: str | None
    refund: str | None


class UpdatePlan(Struct, frozen=True):
    """A plan for updates."""

    plan_id: str
    product: str
    fee: str
    months: int
    state: str
    started_at: str
    paid_until: str


class Mail(Struct, frozen=True):
    """A mail to the person: which text, when. The text itself is not kept."""

    mail_id: str
    template: str
    written_at: str
    sent_at: str | None


class Consent(Struct, frozen=True):
    """What the person said about a purpose."""

    consent_id: str
    purpose: str
    given: bool
    told_at: str
    how: str
    version: str


class Acceptance(Struct, frozen=True):
    """Terms that the person accepted."""

    version: str
    accepted_at: str
    address: str


class Request(Struct, frozen=True):
    """What the person asked for, and the answer."""

    request_id: str
    kind: str
    regime: str
    state: str
    asked_at: str
    due_at: str
    asked_how: str
    verified_at: str | None
    verified_how: str | None
    answered_at: str | None
    answer: str | None


class Session(Struct, frozen=True):
    """A time during which the person was signed in."""

    session_id: str
    made_at: str
    seen_at: str
    ends_at: str
    ended_at: str | None
    address: str
    browser: str


class PasswordLink(Struct, frozen=True):
    """A link by which a forgotten password could be changed."""

    made_at: str
    ends_at: str
    used_at: str | None


class Refused(Struct, frozen=True):
    """A request that was refused in the last 30 days."""

    refused_at: str
    trace_id: str
    route: str
    code: str
    rule: str


class Billing(Struct, frozen=True):
    """What bills must still show of somebody who was erased."""

    name: str
    address: str
    kept_until: str


class PersonData(Struct, frozen=True, omit_defaults=True):
    """One copy, or its first page: `next_after` names the licence after which the next page begins.

    Further pages hold licences alone.
    """

    format: str
    made_at: str
    account_id: str
    licenses: list[License]
    copy: Copy | UnsetType = UNSET
    account: Account | UnsetType = UNSET
    person: Person | UnsetType = UNSET
    purchases: list[Purchase] | UnsetType = UNSET
    charges: list[Charge] | UnsetType = UNSET
    payments: list[Payment] | UnsetType = UNSET
    subscriptions: list[Subscription] | UnsetType = UNSET
    update_plans: list[UpdatePlan] | UnsetType = UNSET
    mails: list[Mail] | UnsetType = UNSET
    consents: list[Consent] | UnsetType = UNSET
    acceptances: list[Acceptance] | UnsetType = UNSET
    requests: list[Request] | UnsetType = UNSET
    sessions: list[Session] | UnsetType = UNSET
    password_links: list[PasswordLink] | UnsetType = UNSET
    refusals: list[Refused] | UnsetType = UNSET
    billing: list[Billing] | UnsetType = UNSET
    events: list[Event] | UnsetType = UNSET
    next_after: str | UnsetType = UNSET


def schema_of_copy() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a copy, as docs/export.schema.json holds it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(PersonData)}
