"""How long a certificate lasts: from stored facts and the hour, so that one hour has one answer."""

from typing import Final

from activation.licensing.model import Activation, License, LicenseKind, Product
from activation.licensing.values import value

HOUR_S: Final = 3600
DAY_S: Final = 86400
MOVING_S: Final = 30 * DAY_S
OFFLINE_S: Final = 3 * 366 * DAY_S
"""The longest life of an offline certificate that ends: what its key's delegation allows."""
_PERPETUAL: Final = frozenset({LicenseKind.PERPETUAL, LicenseKind.FREE})


@value
class Validity:
    """A certificate's times, in seconds since 1970. `expires_at` is None for ever."""

    issued_at: int
    expires_at: int | None
    renew_after: int


def certificate_validity(product: Product, held: License, activation: Activation, now: int) -> Validity:
    """Return the times of a certificate issued at `now`.

    Thirty days, renewed from the seventh; eight days, renewed daily, while the licence has moved within the
    last thirty; never beyond the licence's own end. Activated offline: until that end, for
    nobody renews there; for ever where there is none and the licence is perpetual (a free one is, L5).
    """
    issued_at = now - now % HOUR_S
    if not activation.online and held.ends_at is None and held.kind in _PERPETUAL:
        return Validity(issued_at, None, issued_at + product.renew_s)
    moving = held.moved_at is not None and issued_at < held.moved_at + MOVING_S
    expires_at = issued_at + (product.moving_valid_s if moving else product.valid_s)
    if held.ends_at is not None:
        longest = expires_at if activation.online else issued_at + OFFLINE_S
        expires_at = min(longest, held.ends_at)
    renew_s = product.moving_renew_s if moving else product.renew_s
    renew_after = max(issued_at, min(issued_at + renew_s, expires_at - DAY_S))
    return Validity(issued_at, expires_at, renew_after)
