"""What the rules answer: a grant with the facts that an answer is made of, or a refusal as a value.

A verdict lists the changes it needs. Storage writes them, guarded by the holding's version; a verdict
without changes costs no write.
"""

from dataclasses import field
from enum import StrEnum
from typing import Final

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.model import Activation, Ended, Fork, License
from activation.licensing.values import value


class Refusal(StrEnum):
    """The codes of refusals, as they stand on the wire."""

    MALFORMED = "malformed"
    CERTIFICATE_INVALID = "certificate_invalid"
    CREDENTIALS = "credentials"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    ACCOUNT_CLOSED = "account_closed"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NO_LICENSE = "no_license"
    LICENSE_AMBIGUOUS = "license_ambiguous"
    DEVICE_LIMIT = "device_limit"
    DEVICE_MISMATCH = "device_mismatch"
    SUPERSEDED = "superseded"
    RESET_LIMIT = "reset_limit"
    RESET_OFFLINE = "reset_offline"
    RESET_UNUSED = "reset_unused"
    VERSION_NOT_COVERED = "version_not_covered"
    UPDATE_REQUIRED = "update_required"
    RESET_FORBIDDEN = "reset_forbidden"
    APPROVAL_REQUIRED = "approval_required"
    REQUEST_EXPIRED = "request_expired"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    POOL_EXHAUSTED = "pool_exhausted"
    TEST_LIMIT = "test_limit"
    AFFILIATE_LIMIT = "affiliate_limit"
    ORDER_UNPAID = "order_unpaid"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    DEVICE_UNIDENTIFIABLE = "device_unidentifiable"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"


@value
class Bind:
    """A new current activation; `device_name` is personal data and is stored apart."""

    activation: Activation
    device_name: str


@value
class End:
    """An activation that stops being current, recorded as the reset `reset_id`."""

    license: License
    activation: Activation
    why: Ended
    at: int
    reset_id: int
    staff_id: int | None = None
    reason: str = ""
    note: str = ""


@value
class Reenrol:
    """An accepted device whose parts changed (D4)."""

    activation: Activation
    enrolment: Enrolment
    before: Enrolment


@value
class EnrolKey:
    """An accepted device's key from now on, with nothing proved by it yet (D6)."""

    activation: Activation
    device_key: bytes
    before: bytes | None


@value
class RecordProof:
    """The last proof by a device's key, and since when it is known to be forked (D6).

    `fork` is what has to be told now, None when there is nothing new to tell.
    """

    activation: Activation
    counter: int
    hash: bytes | None
    forked_at: int | None
    fork_told_at: int | None
    fork: Fork | None = None


@value
class TurnOffline:
    """An activation that nothing calls back any more: its device got a certificate by a file (R2)."""

    activation: Activation


@value
class Mark:
    """New values of a licence's own fields: its resets and moves."""

    license: License
    self_reset_at: int | None
    self_reset_before: int | None
    moves: int
    moved_at: int | None


@value
class Resume:
    """An activation that becomes current again (R5); `before` is then the last one that ended.

    `was_last` tells whether it was that until now.
    """

    license: License
    activation: Activation
    before: Activation | None
    was_last: bool


Change = Bind | End | Reenrol | EnrolKey | RecordProof | TurnOffline | Mark | Resume


@value
class Granted:
    """Yes. `rule` names what allowed it; `fresh` is False when nothing had to change hands."""

    rule: str
    license: License
    activation: Activation
    fresh: bool = False
    next_reset_at: int | None = None
    changes: tuple[Change, ...] = ()
    drifted: tuple[str, ...] = ()


class Outcome(StrEnum):
    """What came of a rule that was weighed for a refusal."""

    PASSED = "passed"
    REFUSED = "refused"


@value
class Weighed:
    """A rule that was weighed for a refusal: the question, what came of it, and the facts it was asked on."""

    rule: str
    question: str
    outcome: Outcome
    facts: dict[str, object] = field(default_factory=dict)


@value
class Background:
    """What staff may learn of a refusal, and who was refused may not: whom it concerns, what was weighed.

    `is_claimed`: the account is the one that a login names, and there may be none such.
    """

    account_id: int | None = None
    person_id: int | None = None
    weighed: tuple[Weighed, ...] = ()
    is_claimed: bool = False


UNKNOWN: Final = Background()


@value
class Refused:
    """No, and why. `facts` goes into the answer: times in seconds, kinds of component, ids as numbers.

    `changes` are what has to be kept all the same: that a copied key showed (D6). `background` goes into the
    trace and never into the answer.
    """

    code: Refusal
    rule: str
    detail: str
    license: License | None = None
    facts: dict[str, object] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    background: Background = field(default=UNKNOWN, compare=False)


@value
class Filed:
    """No, not yet: what was asked for is kept, and waits for a second person. `refused` says so."""

    refused: Refused


Verdict = Granted | Refused
