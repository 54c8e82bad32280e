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
    """Signs under the newest delegated key, looking for it again once a minute."""

    def __init__(self, ring: KeyRing, issuer: str, device_key: bytes, tag_key: bytes) -> None:
        self.ring = ring
        self._issuer = issuer
        self._device_key = device_key
        self._tag_key = tag_key
        self._issuers: dict[str, Issuer] = {}
        self._kid = ""
        self._checked_at = 0

    def issue(
        self, product: Product, account_id: int, held: License, activation: Activation, now: int
    ) -> Issued:
        """Return the certificate of an activation at `now`. Raises crypto.keyring.NoSigningKey."""
        validity = certificate_validity(product, held, activation, now)
        issuer = self._current(now)
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
        return Issued(issuer.issue(terms), self.ring.delegations[self._kid].token, validity)

    def _current(self, now: int) -> Issuer:
        """Return the issuer of the key that signs now."""
        if not self._kid or abs(now - self._checked_at) >= KEY_CHECK_S:
            self._kid = self.ring.active(now).kid
            self._checked_at = now
            if self._kid not in self._issuers:
                key = self.ring.signing_key(self._kid)
                self._issuers[self._kid] = Issuer(key, self._issuer, self._tag_key)
        return self._issuers[self._kid]
