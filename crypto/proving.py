"""Proving a signer: before it is used, it signs certificates that verify in full under its delegation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crypto.delegations import Delegation
from crypto.errors import InvalidToken
from crypto.issuing import DAY_S, Issuer
from crypto.terms import DIGEST_BYTES, Terms
from crypto.verifying import verify_certificate

_PRODUCT: Final = "probe"
_DIGEST: Final = bytes(DIGEST_BYTES)


def prove(issuer: Issuer, delegation: Delegation, roots: Sequence[bytes]) -> None:
    """Have `issuer` sign the longest certificate that `delegation` allows, and verify it as a client would.

    Nobody ever sees it; it is for no product there is. Raises CertificateError whose `reason` says which rule
    failed, ValueError for a signer that cannot issue, and whatever a signer itself raises.
    """
    longest = _probe(issuer, delegation)
    _check(issuer, delegation, roots, longest)
    if delegation.offline:
        _check(issuer, delegation, roots, replace(longest, expires_at=None))


def _check(issuer: Issuer, delegation: Delegation, roots: Sequence[bytes], terms: Terms) -> None:
    token = issuer.issue(terms)
    shown = verify_certificate(token, delegation.token, roots, product=_PRODUCT, now=terms.issued_at)
    if shown != terms:
        raise InvalidToken("the probe came back with other terms")


def _probe(issuer: Issuer, delegation: Delegation) -> Terms:
    begin = max(delegation.not_before, DAY_S)
    return Terms(
        issuer=issuer.name,
        license_id="probe",
        activation_id="probe",
        product=_PRODUCT,
        issued_at=begin,
        expires_at=begin + delegation.max_ttl,
        renew_after=begin,
        kind="perpetual",
        major=1,
        updates_until=None,
        salt=_DIGEST,
        policy="standard/1",
        components={"install_id": (_DIGEST,)},
        device_key=None,
        moves=0,
    )
