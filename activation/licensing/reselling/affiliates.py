"""P6: at most a tenth of the licences paid for may go to affiliated parties."""

from typing import Final

from activation.licensing.verdicts import Refusal, Refused

SHARE_PERCENT: Final = 10
_LIMIT: Final = (
    "At most {} % of the licences paid for may go to affiliated parties: {} now, of which {} are given."
)


def affiliate_limit(paid: int) -> int:
    """Return how many of `paid` licences may go to affiliated parties, rounded down."""
    return paid * SHARE_PERCENT // 100


def refuse_affiliate(paid: int, given: int, count: int) -> Refused | None:
    """P6: refuse `count` more licences for affiliates, who were given `given` of `paid`, else None."""
    limit = affiliate_limit(paid)
    if given + count <= limit:
        return None
    detail = _LIMIT.format(SHARE_PERCENT, limit, given)
    return Refused(Refusal.AFFILIATE_LIMIT, "P6", detail, facts={"limit": limit, "given": given})
