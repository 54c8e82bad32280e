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
from activation.client.revocations import believed_at, fetch_list, load_known, refuse_revoked
from activation.client.seen_mark import load_seen, store_seen
from activation.client.verifying import Build, NotVerifiedError, Verified, not_verified, verify_here
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

    def verify(
        self,
        certificate: str,
        delegation: str,
        device: ThisDevice,
        product: str,
        build: Build | None = None,
    ) -> Verified:
        """Check a kept certificate with no network. Raises NotVerifiedError."""
        listed = load_known(self.folder, self.roots).listed
        signed = max(self._signed_at(certificate, delegation, product, listed), listed.issued_at)
        mark = max(load_seen(self.folder), signed)
        self._note(mark)
        return self._check(certificate, delegation, device, product, mark, build)

    def take(
        self, certificate: str, delegation: str, device: ThisDevice, product: str, *, live: bool = True
    ) -> Verified:
        """Check a certificate that has just come from the server: its time corrects the mark.

        `live`: over the network, not in a file, which may be an old one. Raises NotVerifiedError; after a
        `clock_back` the mark is as before, since it may be the server's clock that is wrong.
        """
        listed = load_known(self.folder, self.roots).listed
        answered = self._signed_at(certificate, delegation, product, listed)
        known = max(self._kept_at(listed), listed.issued_at)
        mark = mark_answer(load_seen(self.folder), known, answered, live=live)
        tell_time(int(self.clock()), mark)
        self._note(mark)
        return self._check(certificate, delegation, device, product, mark)

    async def learn(self, server: Server) -> None:
        """Fetch the list of revocations, if there is a newer one to be had; its time corrects the mark.

        It is judged by the machine's own clock: a mark that is wrong must not keep the list away.
        """
        before = load_known(self.folder, self.roots)
        fetched = await fetch_list(server, self.folder, self.roots, before, int(self.clock()))
        if fetched is not None:
            known = max(self._kept_at(fetched), believed_at(before.listed, fetched))
            store_seen(self.folder, mark_answer(load_seen(self.folder), known, fetched.issued_at))

    def _note(self, mark: int) -> None:
        """Write the mark as it is after a look at the clock, if it moved far enough."""
        read = mark_reading(mark, int(self.clock()))
        if not 0 <= read - load_seen(self.folder) < STEP_S:
            store_seen(self.folder, read)

    def _check(
        self,
        certificate: str,
        delegation: str,
        device: ThisDevice,
        product: str,
        mark: int,
        build: Build | None = None,
    ) -> Verified:
        now = tell_time(int(self.clock()), mark)
        return verify_here(certificate, delegation, self.roots, device, product=product, now=now, build=build)

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
