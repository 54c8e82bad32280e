"""L5, L7: what a licence of each kind comes with when it is given, and how long an evaluation lasts."""

from typing import Final

from activation.licensing.calendars import add_months
from activation.licensing.model import LicenseKind, LicenseState
from activation.licensing.reselling.testing import when_test_ends
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

EVALUATION_S: Final = 14 * 86_400
CORRECTED_BUILD_S: Final = 7 * 86_400
EVALUATION_DEVICES: Final = 10
REGULAR: Final = frozenset({LicenseKind.PERPETUAL, LicenseKind.SUBSCRIPTION})
"""What ends an account's test licences and is no test, gift or evaluation itself (T4, T5)."""

_TOO_MANY: Final = "A licence of this kind takes up to {} device(s)."
_NO_EVALUATION: Final = "Only an evaluation licence is extended, for another corrected build."
_REVOKED: Final = "This licence was revoked and does not come back."


@value
class Term:
    """What a new licence comes with. Times are seconds since 1970; None is for ever."""

    device_limit: int
    ends_at: int | None
    updates_until: int | None


def term_of(
    kind: LicenseKind, now: int, update_months: int | None = None, devices: int | None = None
) -> Term | Refused:
    """Return what a licence given at `now` comes with; `devices` asks for another limit than the kind's.

    A subscription's end is its periods' business (S1-S3) and not told here.
    """
    most = EVALUATION_DEVICES if kind is LicenseKind.EVALUATION else 1
    limit = most if devices is None else devices
    if not 1 <= limit <= most:
        return Refused(Refusal.CONFLICT, "L5", _TOO_MANY.format(most), facts={"limit": most})
    until = add_months(now, update_months) if update_months is not None and kind in REGULAR else None
    return Term(limit, _ends_at(kind, now), until)


def _ends_at(kind: LicenseKind, now: int) -> int | None:
    if kind is LicenseKind.TEST:
        return when_test_ends(now)
    return now + EVALUATION_S if kind is LicenseKind.EVALUATION else None


def extend_evaluation(kind: LicenseKind, state: LicenseState, ends_at: int | None, now: int) -> int | Refused:
    """Return when an evaluation ends that got a corrected build: 7 days more, from now if it had ended."""
    if kind is not LicenseKind.EVALUATION or ends_at is None:
        return Refused(Refusal.CONFLICT, "L5", _NO_EVALUATION)
    if state is LicenseState.REVOKED:
        return Refused(Refusal.CONFLICT, "L8", _REVOKED)
    return max(ends_at, now) + CORRECTED_BUILD_S
