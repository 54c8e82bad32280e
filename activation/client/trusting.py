"""What a softphone believes: certificates under its roots, at this time, but for what was revoked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from activation.client.clock import mark_answer, mark_reading, tell_time
from activation.client.conversing import Server
from activation.client.device import ThisDevice
from activation.client.keeping import DamagedCertificateError, load_kept
from activation.client.revocations import fetch_list, load_known, refuse_revoked
from activation.client.seen_mark import load_seen, store_seen
from activation.client.verifying import NotVerifiedError, Verified, not_verified, verify_here
from crypto.errors import CertificateError
from crypto.revocations import Revocations
from crypto.verifying import verify_certificate

Clock = Callable[[], float]
"""Tells seconds since 1970."""

STEP_S: Final = 60
"""The mark is written when it moved by so much: a softphone may verify often, and disks wear."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The roots that are believed, the folder of what is known, and the machine's clock."""

    roots: Sequence[bytes]
    folder: Path
    clock: Clock = time.time

    def verify(self, certificate: str, delegation: str, device: ThisDevice, product: str) -> Verified:
        """Check a kept certificate with no network. Raises NotVerifiedError."""
        listed = load_known(self.folder, self.roots).listed
        signed = max(self._signed_at(certificate, delegation, product, listed), listed.issued_at)
        return self._check(certificate, delegation, device, product, max(load_seen(self.folder), signed))

    def take(
        self, certificate: str, delegation: str, device: ThisDevice, product: str, *, live: bool = True
    ) -> Verified:
        """Check a certificate that has just come from the server: its time corrects the mark.

        `live`: over the network, not in a file, which may be an old one. Raises NotVerifiedError.
        """
        listed = load_known(self.folder, self.roots).listed
        answered = self._signed_at(certificate, delegation, product, listed)
        known = max(self._kept_at(listed), listed.issued_at)
        mark = mark_answer(load_seen(self.folder), known, answered, live=live)
        return self._check(certificate, delegation, device, product, mark)

    async def learn(self, server: Server) -> None:
        """Fetch the list of revocations, if there is a newer one to be had; its time corrects the mark."""
        before = load_known(self.folder, self.roots)
        known = max(self._kept_at(before.listed), before.listed.issued_at)
        seen = load_seen(self.folder)
        now = max(int(self.clock()), seen, known)
        fetched = await fetch_list(server, self.folder, self.roots, before, now)
        if fetched is not None:
            store_seen(self.folder, mark_answer(seen, known, fetched.issued_at))

    def _check(
        self, certificate: str, delegation: str, device: ThisDevice, product: str, mark: int
    ) -> Verified:
        machine = int(self.clock())
        read = mark_reading(mark, machine)
        if not 0 <= read - load_seen(self.folder) < STEP_S:
            store_seen(self.folder, read)
        now = tell_time(machine, mark)
        return verify_here(certificate, delegation, self.roots, device, product=product, now=now)

    def _signed_at(self, certificate: str, delegation: str, product: str, listed: Revocations) -> int:
        """Return when the server issued a certificate; only what it signed tells a time."""
        try:
            terms = verify_certificate(certificate, delegation, self.roots, product=product, now=None)
            refuse_revoked(certificate, listed)
        except CertificateError as wrong:
            raise not_verified(wrong) from wrong
        return terms.issued_at

    def _kept_at(self, listed: Revocations) -> int:
        """Return when the kept certificate was issued, 0 where there is none that is good."""
        try:
            kept = load_kept(self.folder)
            return (
                0
                if kept is None
                else self._signed_at(kept.certificate, kept.delegation, kept.product, listed)
            )
        except (DamagedCertificateError, NotVerifiedError):
            return 0
