"""From stored facts to a signed certificate. Runs after the commit, and needs nothing that is not stored."""

from typing import Final

from activation.licensing.identifiers import ACTIVATION, LICENSE, to_text
from activation.licensing.model import Activation, License, Product
from activation.licensing.validity import Validity, certificate_validity
from activation.licensing.values import value
from crypto.digests import account_salt
from crypto.issuing import Issuer
from crypto.keyring import KeyRing
from crypto.terms import Terms

KEY_CHECK_S: Final = 60


@value
class Issued:
    """A certificate with the delegation that proves its key, and its times."""

    certificate: str
    delegation: str
    validity: Validity


class CertificateMaker:
    """Signs under the newest delegated key of each kind, looking for it again once a minute."""

    def __init__(self, ring: KeyRing, issuer: str, device_key: bytes, tag_key: bytes) -> None:
        self.ring = ring
        self._issuer = issuer
        self._device_key = device_key
        self._tag_key = tag_key
        self._issuers: dict[str, Issuer] = {}
        self._chosen: dict[bool, tuple[str, int]] = {}

    def issue(
        self, product: Product, account_id: int, held: License, activation: Activation, now: int
    ) -> Issued:
        """Return the certificate of an activation at `now`. Raises crypto.keyring.NoSigningKey."""
        validity = certificate_validity(product, held, activation, now)
        issuer = self._current(now, offline=not activation.online)
        terms = Terms(
            self._issuer,
            to_text(LICENSE, held.license_id),
            to_text(ACTIVATION, activation.activation_id),
            product.code,
            validity.issued_at,
            validity.expires_at,
            validity.renew_after,
            held.kind.name.lower(),
            held.major,
            held.updates_until,
            account_salt(self._device_key, account_id),
            activation.enrolment.policy,
            activation.enrolment.current,
            activation.device_key,
            held.moves,
        )
        return Issued(issuer.issue(terms), self.ring.delegations[issuer.kid].token, validity)

    def _current(self, now: int, *, offline: bool) -> Issuer:
        """Return the issuer of the key that signs now: there is one for devices activated offline."""
        kid, checked_at = self._chosen.get(offline, ("", 0))
        if not kid or abs(now - checked_at) >= KEY_CHECK_S:
            kid = self.ring.active(now, offline).kid
            self._chosen[offline] = kid, now
            if kid not in self._issuers:
                self._issuers[kid] = Issuer(self.ring.signing_key(kid), self._issuer, self._tag_key)
        return self._issuers[kid]
