"""P6: at most a tenth of the licences paid for may go to affiliated parties."""

from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused

SHARE_PERCENT: Final = 10
_LIMIT: Final = (
    "At most {} % of the licences paid for may go to affiliated parties: {} now, of which {} are given."
)


@value
class Share:
    """How many licences a reseller paid for in all, and how many of them it gave to affiliated parties."""

    paid: int
    given: int


def affiliate_limit(paid: int) -> int:
    """Return how many of `paid` licences may go to affiliated parties, rounded down."""
    return paid * SHARE_PERCENT // 100


def refuse_affiliate(share: Share, count: int) -> Refused | None:
    """P6: refuse `count` more licences for affiliated parties when they are too many, else return None."""
    limit = affiliate_limit(share.paid)
    if share.given + count <= limit:
        return None
    detail = _LIMIT.format(SHARE_PERCENT, limit, share.given)
    return Refused(Refusal.AFFILIATE_LIMIT, "P6", detail, facts={"limit": limit, "given": share.given})
