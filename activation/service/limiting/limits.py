"""How often: failed credentials, resets, offline requests, password links (assurance.md, threats).

* `count_failure`: per login and per address. A right credential is never limited, and nothing locks for good.
  Should the limiter not answer, a wrong credential is simply refused: the limit is not worth an outage.
* `spend`: what is limited whoever asks. Should the limiter not answer, the answer is 503: what frees licences
  or sends mails waits until it is counted again.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from activation.licensing.verdicts import Refusal, Refused
from activation.service import measures
from activation.service.desk import Caller, Desk
from activation.service.limiting.limiter import Claim, LimiterAwayError, Pair, Past
from activation.service.not_now import later, unavailable
from activation.storage.allowances import Limit

_TOO_MANY: Final = "Too many requests of this kind. Try again later."


async def count_failure(desk: Desk, account_id: int | None, address: str) -> int | None:
    """Count a failed credential; return None, or after one too many the seconds until the next may come.

    `account_id` is the one that the login names, whether there is such an account or not. A token names
    none (None): only its address counts.
    """
    claims = [Claim(place_of(address), desk.limits.failed.address)]
    if account_id is not None:
        claims.append(Claim(f"login {account_id}", desk.limits.failed.each))
    try:
        past = await desk.limiter.spend(claims)
    except LimiterAwayError:
        measures.LIMITER_AWAY.labels("open").inc()
        return None
    return _wait_s(past) if past else None


async def spend(desk: Desk, wanted: Sequence[tuple[str, Limit]]) -> Refused | None:
    """Take one from the allowance of each subject, or return the refusal: 429 with when to come back, or 503.

    Subjects are any words that name one thing, the same everywhere: `place_of` makes them of addresses.
    """
    try:
        past = await desk.limiter.spend([Claim(subject, limit) for subject, limit in wanted])
    except LimiterAwayError:
        measures.LIMITER_AWAY.labels("closed").inc()
        return unavailable()
    return later(Refusal.RATE_LIMITED, _TOO_MANY, _wait_s(past)) if past else None


async def spend_by(desk: Desk, caller: Caller, subject: str, pair: Pair) -> Refused | None:
    """Take one from a subject's allowance and one from the caller's address, or return the refusal."""
    return await spend(desk, [(subject, pair.each), (place_of(caller.address), pair.address)])


def place_of(address: str) -> str:
    """Return the subject that an address is."""
    return f"address {network_of(address)}"


def network_of(address: str) -> str:
    """Return what counts as one address: itself for IPv4, its /48 for IPv6."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network(f"{address}/48", strict=False))
    return address


def _wait_s(past: Sequence[Past]) -> int:
    """Return the whole seconds after which all of them have one again, at least 1."""
    for one in past:
        measures.LIMITED.labels(one.limit.name).inc()
    return max(1, *(ceil(one.retry_after_s) for one in past))
