"""Refusals on the wire: RFC 9457 problems. The one table from code to HTTP status and Zoiper SDK status."""

from typing import Any, Final

import msgspec

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal

CONTENT_TYPE: Final = "application/problem+json"


@value
class Shape:
    """How a code is told: HTTP status, the SDK's status word, and a title."""

    status: int
    zdk_status: str
    title: str

    @property
    def retryable(self) -> bool:
        """Tell whether the same call may succeed later by itself."""
        return self.status in (429, 503)


SHAPES: Final[dict[Refusal, Shape]] = {
    Refusal.MALFORMED: Shape(400, "Unparsable", "The request cannot be understood"),
    Refusal.CERTIFICATE_INVALID: Shape(400, "FailedSignCheck", "The certificate does not verify"),
    Refusal.CREDENTIALS: Shape(401, "Failed", "Login or password is wrong"),
    Refusal.SUSPENDED: Shape(403, "Failed", "The licence is suspended"),
    Refusal.REVOKED: Shape(403, "Failed", "The licence was revoked"),
    Refusal.ACCOUNT_CLOSED: Shape(403, "Failed", "The account is closed"),
    Refusal.FORBIDDEN: Shape(403, "Failed", "Not allowed"),
    Refusal.EXPIRED: Shape(403, "Expired", "The licence has run out"),
    Refusal.NOT_FOUND: Shape(404, "Failed", "There is no such thing here"),
    Refusal.METHOD_NOT_ALLOWED: Shape(405, "Failed", "This address does not take that method"),
    Refusal.NO_LICENSE: Shape(404, "Failed", "No licence for this product"),
    Refusal.LICENSE_AMBIGUOUS: Shape(409, "Failed", "Several licences: name one"),
    Refusal.DEVICE_LIMIT: Shape(409, "FailedId", "All licences are in use"),
    Refusal.DEVICE_MISMATCH: Shape(409, "FailedId", "Another device"),
    Refusal.SUPERSEDED: Shape(409, "FailedId", "Superseded"),
    Refusal.RESET_LIMIT: Shape(409, "Failed", "Reset already used this week"),
    Refusal.RESET_OFFLINE: Shape(409, "Failed", "Activated offline"),
    Refusal.RESET_UNUSED: Shape(409, "Failed", "Nothing to reset"),
    Refusal.VERSION_NOT_COVERED: Shape(409, "Failed", "This version is not covered"),
    Refusal.UPDATE_REQUIRED: Shape(409, "Failed", "This build needs an update entitlement"),
    Refusal.RESET_FORBIDDEN: Shape(409, "Failed", "This licence can no longer be reset"),
    Refusal.APPROVAL_REQUIRED: Shape(409, "Failed", "A second person must approve"),
    Refusal.REQUEST_EXPIRED: Shape(409, "Failed", "The request has run out"),
    Refusal.IDEMPOTENCY_MISMATCH: Shape(422, "Failed", "The same key with another request"),
    Refusal.POOL_EXHAUSTED: Shape(409, "NA", "The pool has not enough licences"),
    Refusal.TEST_LIMIT: Shape(409, "NA", "No more test licences"),
    Refusal.AFFILIATE_LIMIT: Shape(409, "NA", "No more licences for affiliated parties"),
    Refusal.ORDER_UNPAID: Shape(409, "NA", "Not paid"),
    Refusal.CONFLICT: Shape(409, "Failed", "This does not fit how things stand"),
    Refusal.TOO_LARGE: Shape(413, "Unparsable", "The request is too large"),
    Refusal.MEDIA_TYPE: Shape(415, "Unparsable", "Wrong content type or encoding"),
    Refusal.DEVICE_UNIDENTIFIABLE: Shape(422, "FailedId", "This device cannot be told from others"),
    Refusal.RATE_LIMITED: Shape(429, "FailedHttp", "Too many failed tries"),
    Refusal.UNAVAILABLE: Shape(503, "FailedHttp", "Try again shortly"),
    Refusal.OVERLOADED: Shape(503, "FailedHttp", "Too busy, try again shortly"),
}


def encode_problem(code: Refusal, detail: str, trace_id: str, facts: dict[str, Any]) -> bytes:
    """Return the problem's JSON. `facts` are further members, already in the wire's form."""
    shape = SHAPES[code]
    return msgspec.json.encode(
        {
            "type": f"urn:softphone-activation:refusal:{code}",
            "title": shape.title,
            "status": shape.status,
            "detail": detail,
            "code": code,
            "zdk_status": shape.zdk_status,
            "retryable": shape.retryable,
            "trace_id": trace_id,
            **facts,
        }
    )
