"""Verifying a certificate offline: signature, times, product, and that it is this machine's."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from activation.client.device import ThisDevice
from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.matching import Comparison, compare
from activation.licensing.devices.policies import UnknownPolicyError
from activation.messages.requests import major_of
from activation.messages.times import to_rfc3339
from crypto.digests import component_digests
from crypto.errors import CertificateError
from crypto.terms import Terms
from crypto.verifying import verify_certificate


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate that holds here and now, and how this machine compares with it."""

    terms: Terms
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Build:
    """The softphone that asks, as far as it is to be compared with what a certificate covers.

    `version` begins with the major version; `released_at` in seconds since 1970.
    """

    version: str | None = None
    released_at: int | None = None


class NotVerifiedError(Exception):
    """The certificate does not hold; `reason` is one word, the text says it in plain English."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def not_verified(wrong: CertificateError) -> NotVerifiedError:
    """Return the error that tells people what is wrong with a certificate."""
    return NotVerifiedError(wrong.reason, f"The certificate does not hold: {wrong}.")


def refuse_build(terms: Terms, build: Build) -> None:
    """Raise NotVerifiedError for another major version (`version`, L6) or too new a build (`updates`, L7)."""
    if build.version is not None and major_of(build.version) != terms.major:
        raise NotVerifiedError(
            "version", f"The licence is for version {terms.major}, and this is version {build.version}."
        )
    until = terms.updates_until
    if until is not None and build.released_at is not None and build.released_at > until:
        raise NotVerifiedError(
            "updates",
            f"The licence covers what was released until {to_rfc3339(until)}, and this was released on"
            f" {to_rfc3339(build.released_at)}. Install an earlier one, or renew the updates.",
        )


def verify_here(
    certificate: str,
    delegation: str,
    roots: Sequence[bytes],
    device: ThisDevice,
    *,
    product: str,
    now: int | None = None,
    build: Build | None = None,
) -> Verified:
    """Check a certificate with nothing but the roots' public keys and this machine.

    `now` is in seconds since 1970, the machine's clock unless given; `build` is compared where it is given.
    Raises NotVerifiedError.
    """
    moment = int(time.time()) if now is None else now
    try:
        terms = verify_certificate(certificate, delegation, roots, product=product, now=moment)
    except CertificateError as wrong:
        raise not_verified(wrong) from wrong
    comparison = compare_with(terms, device)
    if not comparison.same:
        parts = ", ".join(comparison.differing + comparison.missing) or "all of them"
        raise NotVerifiedError("device", f"The certificate is another machine's; parts that differ: {parts}.")
    refuse_build(terms, build or Build())
    return Verified(terms, comparison)


def compare_with(terms: Terms, device: ThisDevice) -> Comparison:
    """Compare this machine with a certificate's digests, by the server's own policy code (D2)."""
    presented = component_digests(terms.salt, device.fingerprint.parts)
    try:
        return compare(Enrolment(terms.policy, terms.components), presented)
    except UnknownPolicyError as unknown:
        raise NotVerifiedError(
            "policy", f"This softphone is too old for the policy {terms.policy}."
        ) from unknown
