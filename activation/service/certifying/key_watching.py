"""Keys come and go while the server runs: each process watches the key folder and takes what it finds.

Looking costs a stat for each file, once a second; only what changed is read. A folder that is damaged, or
half written, changes nothing: it is logged, and the keys that were good stay in use.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from activation.service import measures
from activation.service.certifying.certificates import CertificateMaker
from crypto.errors import NotDelegatedError
from crypto.key_folder import KeyFolderError, Survey, survey
from crypto.keyring import KeyRing
from crypto.terms import Terms

LOOK_S: Final = 1.0
WARN_S: Final = 30 * 86_400
"""How long before nobody can sign any more this is told."""
REMIND_S: Final = 86_400
KINDS: Final = {"online": False, "offline": True}

_log = structlog.get_logger("activation.keys")


def ends_of(ring: KeyRing, now: int) -> Mapping[str, int]:
    """Return when no key signs any more, by kind (online, offline): `now` where none does.

    A server that never had an offline key signs nothing offline, and nothing ends for it.
    """
    had = {delegation.offline for delegation in ring.delegations.values()} | {False}
    return {kind: ring.signs_until(now, offline) for kind, offline in KINDS.items() if offline in had}


def ending_soon(ring: KeyRing, now: int) -> tuple[str, ...]:
    """Return what there is to warn of: a sentence for each kind whose last key ends within 30 days."""
    return tuple(
        f"the last {kind} signing key ended or is gone: activation keys rotate"
        if end <= now
        else f"the last {kind} signing key ends on {datetime.fromtimestamp(end, UTC):%Y-%m-%d}"
        for kind, end in ends_of(ring, now).items()
        if end - now < WARN_S
    )


class KeyWatch:
    """Keeps one process's maker at what the key folder holds."""

    def __init__(self, folder: Path, maker: CertificateMaker, seen: Survey) -> None:
        """`seen` is the folder's survey from before the maker's ring was loaded."""
        self._folder = folder
        self._maker = maker
        self._seen = seen
        self._refused: str = ""
        self._warned_at = 0.0
        self._looking = asyncio.Lock()

    async def verify_own(self, certificate: str, *tag_keys: bytes) -> Terms:
        """Return the terms of a certificate of ours, as `KeyRing.verify_own`. Raises CertificateError.

        Another process may have taken a new key a moment ago and signed with it: before a certificate under
        an unknown key is refused, which is final for its softphone, the folder is looked at once more.
        """
        ring = self._maker.ring
        try:
            return ring.verify_own(certificate, *tag_keys)
        except NotDelegatedError:
            await self.look()
            if self._maker.ring is ring:
                raise
            return self._maker.ring.verify_own(certificate, *tag_keys)

    async def run(self) -> None:
        """Look, until cancelled."""
        _tell_unproven(self._maker.unproven)
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Take the keys if the folder changed; warn once a day while the last of them is about to end."""
        async with self._looking:  # one at a time: what was read first must not be taken last
            try:
                seen = survey(self._folder)
            except OSError as wrong:
                self._refuse(wrong)
            else:
                if seen != self._seen:
                    await self._take(seen)
        self._measure()

    async def _take(self, seen: Survey) -> None:
        try:
            ring = await asyncio.to_thread(KeyRing.load, self._folder, int(time.time()))
        except (KeyFolderError, OSError) as wrong:
            self._refuse(wrong)
            return
        self._seen, self._refused = seen, ""
        unproven = self._maker.take(ring)
        measures.KEYS_READ.labels("taken").inc()
        _log.info("keys taken", keys=len(ring.delegations), retired=len(ring.retired))
        _tell_unproven(unproven)
        self._warned_at = 0.0

    def _refuse(self, wrong: Exception) -> None:
        # Tried again at every look, for what hindered may have passed; told once for each reason.
        if str(wrong) != self._refused:
            self._refused = str(wrong)
            measures.KEYS_READ.labels("refused").inc()
            _log.error("keys not taken", reason=str(wrong), folder=str(self._folder))

    def _measure(self) -> None:
        now = int(time.time())
        for kind, end in ends_of(self._maker.ring, now).items():
            measures.SIGNS_S.labels(kind).set(end - now)
        if time.monotonic() - self._warned_at >= REMIND_S or not self._warned_at:
            self._warned_at = time.monotonic()
            for warning in ending_soon(self._maker.ring, now):
                _log.warning("keys end", what=warning)


def _tell_unproven(unproven: Mapping[str, str]) -> None:
    for kid, reason in unproven.items():
        _log.error("key not used", kid=kid, reason=reason)
