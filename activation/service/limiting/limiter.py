"""What is limited, and who counts it: all workers together, in batches, in the database.

Who asks at the same time in one worker is counted in one statement, so that ten thousand wrong passwords a
second cost the database little more than ten of them.
"""

import asyncio
from collections.abc import Sequence
from hashlib import blake2b

from activation.licensing.values import value
from activation.service.batching.batcher import Batcher, QueueFullError
from activation.service.clock import Clock
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.allowances import PATIENCE_S, Asked, Limit, Spent, spend_allowances
from activation.storage.connection import Pool
from activation.storage.lending import lend


def hourly(name: str, count: int) -> Limit:
    """Return a limit of so many an hour, all of them at once if need be."""
    return Limit(name, count, 3600.0 / count)


@value
class Pair:
    """What is limited for each one who asks, and for each address they ask from."""

    each: Limit
    address: Limit

    @classmethod
    def hourly(cls, name: str, each: int, address: int) -> "Pair":
        """Return limits of so many an hour, all of them at once if need be."""
        return cls(hourly(name, each), hourly(f"{name}_address", address))


@value
class Limits:
    """Every limit there is; those by the hour have settings.

    Failed credentials are all that is limited of activations, renewals and sign-ins; a right one never is.
    The others are spent by every request, before anything else is looked at.
    """

    failed: Pair = Pair(Limit("failed_login", 10, 60.0), Limit("failed_address", 300, 0.1))
    resets: Pair = Pair.hourly("resets", 30, 300)
    offline: Pair = Pair.hourly("offline", 30, 300)
    links: Pair = Pair.hourly("links", 3, 20)


@value
class Claim:
    """Whose allowance (an account, a credential, an address: any words) by which limit."""

    subject: str
    limit: Limit


@value
class Past:
    """A limit that had nothing left, and when to come back (seconds)."""

    limit: Limit
    retry_after_s: float


class LimiterAwayError(Exception):
    """The limiter cannot tell: the database is away or slow, or too many ask."""


class Limiter:
    """Counts for one worker; the database adds up what all workers count.

    Keys are keyed digests: the table tells nobody's login or address.
    """

    def __init__(self, pool: Pool, secret_key: bytes, clock: Clock) -> None:
        self._pool = pool
        self._secret_key = secret_key
        self._clock = clock
        self._batcher: Batcher[Sequence[Claim], list[Past]] = Batcher(
            self._settle, slots=1, batch_limit=512, queue_limit=8192
        )

    async def spend(self, claims: Sequence[Claim]) -> list[Past]:
        """Take one from each allowance; return those that had none. Raises LimiterAwayError.

        What one allowance refuses is taken from the others all the same.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._batcher.submit(claims)
        except (DatabaseUnavailableError, QueueFullError, TimeoutError) as away:
            raise LimiterAwayError(type(away).__name__) from away

    def use_key(self, secret_key: bytes) -> None:
        """Name what is limited under this key from now on; what was counted under another is forgotten."""
        self._secret_key = secret_key

    async def drain(self) -> None:
        """Wait for what is being counted."""
        await self._batcher.drain()

    async def _settle(self, batch: Sequence[Sequence[Claim]]) -> list[list[Past]]:
        """Count a batch in one statement; of those who ask for the same, the first get what there is."""
        asked: dict[Claim, int] = {}
        for claims in batch:
            for claim in claims:
                asked[claim] = asked.get(claim, 0) + 1
        left = await self._take(asked)
        return [
            [past for claim in claims if (past := _take_one(left, claim)) is not None] for claims in batch
        ]

    async def _take(self, asked: dict[Claim, int]) -> "dict[Claim, _Left]":
        wanted = [Asked(self._key(claim), claim.limit, count) for claim, count in asked.items()]
        async with lend(self._pool) as connection:
            spent = await spend_allowances(connection, wanted, self._clock.shift_s)
        return {claim: _Left(one) for claim, one in zip(asked, spent, strict=True)}

    def _key(self, claim: Claim) -> bytes:
        name = f"{claim.limit.name} {claim.subject}".encode()
        return blake2b(name, digest_size=16, key=self._secret_key, person=b"allowances").digest()


class _Left:
    """What a batch was given of one allowance."""

    __slots__ = ("count", "retry_after_s")

    def __init__(self, spent: Spent) -> None:
        self.count = spent.taken
        self.retry_after_s = spent.retry_after_s


def _take_one(left: dict[Claim, _Left], claim: Claim) -> Past | None:
    given = left[claim]
    given.count -= 1
    return Past(claim.limit, given.retry_after_s) if given.count < 0 else None
