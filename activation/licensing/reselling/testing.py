"""T1-T6: test licences, from the pool of tests that sales granted a reseller (T1).

They are taken from that pool for good: nothing here or elsewhere gives one back (T6).
"""

from typing import Final

from activation.licensing.reselling.assigning import Giver, Recipient, refuse_recipient, refuse_short
from activation.licensing.verdicts import Refusal, Refused

TEST_S: Final = 14 * 86400
OCCASIONS: Final = 2
_REGULAR: Final = "This account has had a regular licence, so it gets no test licences."
_OCCASIONS: Final = "This account has had test licences on two occasions, and that is all."


def when_test_ends(assigned_at: int) -> int:
    """T2: return when a test licence ends: 14 x 24 h after it was assigned, whenever it is activated."""
    return assigned_at + TEST_S


def refuse_tests(
    giver: Giver, recipient: Recipient, occasions: int, available: int, count: int
) -> Refused | None:
    """Refuse to assign `count` test licences to who had them on `occasions` already, else return None."""
    return (
        refuse_recipient(giver, recipient)
        or _refuse_regular(recipient)
        or _refuse_occasion(occasions)
        or refuse_short(available, count)
    )


def _refuse_regular(recipient: Recipient) -> Refused | None:
    if recipient.regular_at is None:
        return None
    return Refused(Refusal.TEST_LIMIT, "T4", _REGULAR)


def _refuse_occasion(occasions: int) -> Refused | None:
    if occasions < OCCASIONS:
        return None
    return Refused(Refusal.TEST_LIMIT, "T3", _OCCASIONS, facts={"occasions": occasions, "limit": OCCASIONS})
