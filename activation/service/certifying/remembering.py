"""The certificates signed last, so that who asks again within the hour costs no signature.

The same terms under the same key are the same bytes (protocol.md), so one that is remembered is the one that
would be signed again. Bounded, per worker; the oldest goes first. About
2.5 KB each.
"""

from crypto.issuing import Issuer
from crypto.terms import Terms


class Memo:
    """Issues through an issuer, or tells what it issued before for equal terms."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, tuple[Terms, Issuer, str]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def issue(self, issuer: Issuer, terms: Terms) -> str:
        """Return the certificate that states `terms`. Raises ValueError as `Issuer.issue` does."""
        kept = self._kept.get(terms.activation_id)
        if kept is not None and kept[1] is issuer and kept[0] == terms:
            return kept[2]
        certificate = issuer.issue(terms)
        if self._most:
            self._keep(issuer, terms, certificate)
        return certificate

    def _keep(self, issuer: Issuer, terms: Terms, certificate: str) -> None:
        self._kept.pop(terms.activation_id, None)  # so that it counts as new
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[terms.activation_id] = terms, issuer, certificate
