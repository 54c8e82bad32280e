"""The list of what is no longer believed: retired keys, and revoked certificates without an end.

Each worker reads it again after a few seconds, when it is asked for, and signs it again only when something
changed or a new hour began: the same facts in the same hour are the same bytes from every worker. While the
database is away the last list goes on being told until it is out of date.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from typing import Final

import structlog

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.clock import Clock
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.connection import Pool
from activation.storage.lending import lend
from activation.storage.licenses.revocations import Revoked, list_revoked
from crypto import base64url
from crypto.keyring import KeyRing, NoSigningKey
from crypto.revocations import HOUR_S, LIFE_S, MAX_CERTIFICATES, issue_revocations

FRESH_S: Final = 20.0
"""A worker tells the same list for so long without looking; with `CACHE_S` it makes less than a minute."""
CACHE_S: Final = 30
"""For so long others may keep an answer, in seconds."""
RETRY_S: Final = 5
REFUSED_S: Final = 1.0
"""For so long a look that failed counts for those who ask after it."""
_NAME_BYTES: Final = 16

_log = structlog.get_logger("activation.revocations")


@value
class Bulletin:
    """The list as it is told. `name` tells one from another (an ETag); times in seconds since 1970."""

    revocations: str
    delegation: str
    name: str
    issued_at: int
    expires_at: int
    keys: Mapping[str, str]
    certificates: tuple[str, ...]
    found: int
    """How many certificates there were to name; more than are named when the list is full."""


@value
class _Facts:
    """What a list is made of: nothing else may change its bytes."""

    kid: str
    hour: int
    keys: tuple[tuple[str, str], ...]
    revoked: Revoked


class BulletinBoard:
    """The newest list of one worker, looked at again after `fresh_s` seconds."""

    def __init__(self, fresh_s: float = FRESH_S) -> None:
        self._fresh_s = fresh_s
        self._told: Bulletin | None = None
        self._facts: _Facts | None = None
        self._read_at = 0.0
        self._refused: Refused | None = None
        self._refused_at = 0.0
        self._reading = asyncio.Lock()

    async def read(self, pool: Pool, clock: Clock, ring: KeyRing, issuer: str) -> Bulletin | Refused:
        """Return the list that is right now, or was a few seconds ago; or say why there is none."""
        async with self._reading:  # many ask at once, one looks
            if self._told is not None and time.monotonic() - self._read_at < self._fresh_s:
                return self._told
            if self._refused is not None and time.monotonic() - self._refused_at < REFUSED_S:
                return self._refused
            try:
                self._told = await self._look(pool, clock, ring, issuer)
            except NoSigningKey:
                return self._refuse("No key may sign the list now.")
            except DatabaseUnavailableError:
                if not self._is_good(int(time.time()) + clock.shift_s, ring):
                    return self._refuse("The database does not answer. Try again.")
                _log.warning("revocations not read", reason="the database does not answer")
            self._refused = None
            self._read_at = time.monotonic()
            return self._told or _unavailable("There is no list yet.")

    def _refuse(self, detail: str) -> Refused:
        """Say that there is no list; who waited meanwhile hears the same without another look."""
        self._refused, self._refused_at = _unavailable(detail), time.monotonic()
        return self._refused

    def _is_good(self, now: int, ring: KeyRing) -> bool:
        """Tell whether the last list may go on being told unchanged."""
        if self._told is None or self._facts is None:
            return False
        return now < self._told.expires_at and self._facts.kid in ring.known_kids

    async def _look(self, pool: Pool, clock: Clock, ring: KeyRing, issuer: str) -> Bulletin:
        async with lend(pool) as connection:
            now = await clock.now(connection)
            revoked = await list_revoked(connection, MAX_CERTIFICATES)
        hour = now - now % HOUR_S
        facts = _Facts(ring.active(hour).kid, hour, tuple(sorted(ring.retired.items())), revoked)
        if self._told is None or facts != self._facts:
            # A full list is megabytes: nobody else waits for it.
            self._told, self._facts = await asyncio.to_thread(_write, facts, ring, issuer), facts
        return self._told


def _unavailable(detail: str) -> Refused:
    return Refused(Refusal.UNAVAILABLE, "revocations", detail, facts={"retry_after_s": RETRY_S})


def _write(facts: _Facts, ring: KeyRing, issuer: str) -> Bulletin:
    revoked = facts.revoked
    if revoked.found > len(revoked.certificates):
        _log.error("revocations are full", named=len(revoked.certificates), found=revoked.found)
    keys = dict(facts.keys)
    key = ring.signing_key(facts.kid)
    token = issue_revocations(key, issuer, facts.hour, keys, revoked.certificates)
    delegation = ring.delegations[facts.kid].token
    digest = hashlib.blake2b(f"{token} {delegation}".encode("ascii"), digest_size=_NAME_BYTES).digest()
    return Bulletin(
        token,
        delegation,
        base64url.encode(digest),
        facts.hour,
        facts.hour + LIFE_S,
        keys,
        tuple(sorted(revoked.certificates)),
        revoked.found,
    )
