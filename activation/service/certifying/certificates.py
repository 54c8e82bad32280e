"""From stored facts to a signed certificate. Runs after the commit, and needs nothing that is not stored."""

from collections.abc import Mapping

from activation.licensing.identifiers import ACTIVATION, LICENSE, to_text
from activation.licensing.model import Activation, License, Product
from activation.licensing.validity import Validity, certificate_validity
from activation.licensing.values import value
from activation.service.certifying.linting import UnsignableError, lint
from activation.service.certifying.remembering import Memo
from crypto.delegations import Delegation
from crypto.digests import account_salt
from crypto.errors import CertificateError
from crypto.issuing import Issuer
from crypto.keyring import KeyRing, NoSigningKey
from crypto.pepper import version_of
from crypto.proving import prove
from crypto.terms import Terms


@value
class Issued:
    """A certificate with the delegation that proves its key, and its times."""

    certificate: str
    delegation: str
    validity: Validity


@value
class _Chosen:
    """Who signs the certificates of one hour, by the version of the pepper that their tag is under."""

    issued_at: int
    issuers: Mapping[int, Issuer]
    delegation: Delegation


class CertificateMaker:
    """Signs under the newest delegated key of each kind, of those that proved themselves.

    The key is chosen by the certificate's `iat`, which is cut to the hour: all workers change over to a key
    that was delegated in advance with the same certificate.
    """

    def __init__(
        self, ring: KeyRing, issuer: str, device_key: bytes, tag_key: bytes, certificates_kept: int = 0
    ) -> None:
        self._certificates_kept = certificates_kept
        self._issuer = issuer
        self._device_keys: Mapping[int, bytes] = {version_of(device_key): device_key}
        self._tag_keys: Mapping[int, bytes] = {version_of(tag_key): tag_key}
        self.unproven = self.take(ring)

    def take_peppers(self, device_keys: Mapping[int, bytes], tag_keys: Mapping[int, bytes]) -> None:
        """Salt and tag each certificate as its enrolment stands, by these keys by the pepper's version."""
        self._device_keys = device_keys
        if tag_keys != self._tag_keys:
            self._tag_keys = tag_keys
            self.unproven = self.take(self.ring)

    def take(self, ring: KeyRing) -> Mapping[str, str]:
        """Sign under this ring's keys from now on; return why some of them never will, by kid.

        Each key first signs probes that verify in full under its delegation (`crypto.proving`).
        """
        issuers = {
            kid: {
                version: Issuer(ring.signing_key(kid), self._issuer, tag_key)
                for version, tag_key in self._tag_keys.items()
            }
            for kid in ring.able()
        }
        failed = {
            kid: why
            for kid, by_version in issuers.items()
            if (why := _disprove(next(iter(by_version.values())), ring.delegations[kid], ring))
        }
        self.ring = ring.without(failed)
        self._issuers = issuers
        self._chosen: dict[bool, _Chosen] = {}
        self._memo = Memo(self._certificates_kept)
        return failed

    def issue(
        self, product: Product, account_id: int, held: License, activation: Activation, now: int
    ) -> Issued:
        """Return the certificate of an activation at `now`.

        Raises UnsignableError: no key for it now, or terms that contradict the row or the delegation, or that
        no verifier would accept.
        """
        validity = certificate_validity(product, held, activation, now)
        chosen = self._choose(validity.issued_at, offline=not activation.online)
        pepper = activation.enrolment.pepper
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
            account_salt(self._device_keys[pepper], account_id),
            activation.enrolment.policy,
            activation.enrolment.current,
            activation.device_key,
            held.moves,
        )
        lint(terms, chosen.delegation, product, held, activation, now)
        try:
            return Issued(self._memo.issue(chosen.issuers[pepper], terms), chosen.delegation.token, validity)
        except ValueError:
            # What it says may quote the terms; which of them is found by the row.
            raise UnsignableError("form") from None

    def _choose(self, issued_at: int, *, offline: bool) -> _Chosen:
        """Return who signs certificates of this `iat`: there is a key for devices activated offline."""
        chosen = self._chosen.get(offline)
        if chosen is None or chosen.issued_at != issued_at:
            try:
                delegation = self.ring.active(issued_at, offline)
            except NoSigningKey:
                raise UnsignableError("key") from None
            chosen = _Chosen(issued_at, self._issuers[delegation.kid], delegation)
            self._chosen[offline] = chosen
        return chosen


def _disprove(issuer: Issuer, delegation: Delegation, ring: KeyRing) -> str:
    try:
        prove(issuer, delegation, ring.roots)
    except CertificateError as wrong:
        return wrong.reason
    except (
        Exception
    ) as wrong:  # a key device's own errors are anybody's guess: it is not used, whatever it says
        return type(wrong).__name__
    return ""
