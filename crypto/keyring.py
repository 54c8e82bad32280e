"""The key ring: all signing keys that a server knows, which one signs, which are no longer believed."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Self

from crypto import base64url, jws
from crypto.delegations import Delegation
from crypto.errors import NotDelegatedError, RetiredKeyError, SignatureError
from crypto.key_folder import (
    LEAKED,
    ROOT_USES,
    read_delegations,
    read_retired,
    read_roots,
    read_signing_keys,
)
from crypto.recognising import TYP, read_kid, recognise
from crypto.signing import Signer, SigningKey, public_jwk, thumbprint, verify_signature
from crypto.terms import Terms
from crypto.verifying import verify_under


class NoSigningKey(LookupError):  # noqa: N818 - a state of the key folder rather than a mistake
    """No key may sign now; the message says what is missing."""


@dataclass(frozen=True)
class KeyRing:
    """What was in the key folder when it was read; immutable, a new ring replaces it when keys change."""

    roots: tuple[bytes, ...]
    """Public keys, 32 bytes each: current, next."""
    delegations: Mapping[str, Delegation]
    retired: Mapping[str, str]
    """By kid: leaked or rotated."""
    signing_keys: Mapping[str, Signer]
    """By kid: those whose key file is present."""
    signer: Signer | None
    """The key of online certificates at the time of loading; None when no key may sign."""

    @classmethod
    def load(cls, folder: Path, now: int) -> Self:
        """Read a key folder (`key_folder`) and choose the signer at `now`, seconds since 1970.

        Raises KeyFolderError for damaged files, PermissionError for key files open to others, OSError for
        missing ones. A folder without any key that may sign now loads: it still verifies.
        """
        roots = read_roots(folder)
        delegations = MappingProxyType(read_delegations(folder, roots))
        retired = MappingProxyType(read_retired(folder))
        keys = MappingProxyType(read_signing_keys(folder))
        ring = cls(roots, delegations, retired, keys, None)
        active = _newest(ring, now, offline=False)
        return ring if active is None else replace(ring, signer=keys[active.kid])

    @cached_property
    def known_kids(self) -> frozenset[str]:
        """The keys whose certificates are believed: all that a root delegated but for those that leaked."""
        return frozenset(kid for kid in self.delegations if self.retired.get(kid) != LEAKED)

    def active(self, now: int, offline: bool = False) -> Delegation:
        """Return the delegation to sign under at `now`, for online or for offline certificates.

        It is the newest (highest `not_before`, then kid) that is valid now, not retired, and whose key file
        is present. Raises NoSigningKey.
        """
        delegation = _newest(self, now, offline=offline)
        if delegation is None:
            kind = "offline" if offline else "online"
            raise NoSigningKey(
                f"no key for {kind} certificates: none of the {len(self.signing_keys)} key files has a "
                f"delegation of that kind that is valid at {now} and not retired"
            )
        return delegation

    def signs_until(self, now: int, offline: bool = False) -> int:
        """Return when nothing signs any more, seconds since 1970: `now` itself when nothing does.

        Keys that were delegated in advance count where one begins before another ends.
        """
        end = now
        for delegation in sorted(_able(self, offline=offline), key=_age):
            if delegation.not_before <= end < delegation.expires_at:
                end = delegation.expires_at
        return end

    def able(self) -> dict[str, Delegation]:
        """Return what may sign, now or some day, by kid: the key is here, delegated and not retired."""
        return {
            delegation.kid: delegation
            for offline in (False, True)
            for delegation in _able(self, offline=offline)
        }

    def without(self, kids: Container[str]) -> Self:
        """Return the same ring, in which these keys sign nothing."""
        kept = {kid: key for kid, key in self.signing_keys.items() if kid not in kids}
        signer = self.signer if self.signer is not None and self.signer.kid in kept else None
        return replace(self, signing_keys=MappingProxyType(kept), signer=signer)

    def signing_key(self, kid: str) -> Signer:
        """Return the key of this kid; raises NoSigningKey when its file is not here."""
        if kid not in self.signing_keys:
            raise NoSigningKey(f"the file of key {kid} is not in the key folder")
        return self.signing_keys[kid]

    def verify_own(self, token: str, *tag_keys: bytes) -> Terms:
        """Return the terms of a certificate that one of these keys signed; its age does not matter.

        Those that carry the tag are spared the verification of all but their signature, which signing anew
        checks at less than half of what verifying costs: Ed25519 signs the same message the same way. The
        others (of a pepper that is gone) are verified in full. Raises CertificateError; RetiredKeyError for
        all under a key that leaked.
        """
        for tag_key in tag_keys:
            terms = recognise(token, tag_key, self.known_kids)
            if terms is not None:
                break
        else:
            return self._verify_signature(token)
        if not self._is_signed(token):
            raise SignatureError("the certificate's signature does not match")
        return terms

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the signing keys as a JWK set (RFC 7517), newest first, without those that leaked."""
        return {
            "keys": [
                public_jwk(delegation.public_key) | {"kid": delegation.kid, "alg": "EdDSA", "use": "sig"}
                for delegation in self._believed()
            ]
        }

    def keys_document(self) -> dict[str, object]:
        """Return the same with `roots` (JWKs with kid and use) and the `delegations` (JWS)."""
        roots = [
            public_jwk(root) | {"kid": thumbprint(root), "use": use}
            for root, use in zip(self.roots, ROOT_USES, strict=False)
        ]
        tokens = [delegation.token for delegation in self._believed()]
        return {**self.jwks(), "roots": roots, "delegations": tokens}

    def _is_signed(self, token: str) -> bool:
        """Check the signature of a recognised certificate; by signing once more where the key is here."""
        text, _, encoded = token.rpartition(".")
        message, signature = text.encode("ascii"), base64url.decode(encoded)
        kid = read_kid(text.partition(".")[0])
        key = self.signing_keys.get(kid)
        if isinstance(key, SigningKey):
            return key.sign(message) == signature
        return verify_signature(self.delegations[kid].public_key, message, signature)

    def _verify_signature(self, token: str) -> Terms:
        parsed = jws.parse(token, TYP)
        if self.retired.get(parsed.kid) == LEAKED:
            raise RetiredKeyError("signed by a key that leaked")
        if parsed.kid not in self.delegations:
            raise NotDelegatedError("signed by a key that is not ours")
        return verify_under(parsed, self.delegations[parsed.kid], product=None, now=None)

    def _believed(self) -> list[Delegation]:
        return sorted((self.delegations[kid] for kid in self.known_kids), key=_age, reverse=True)


def _newest(ring: KeyRing, now: int, *, offline: bool) -> Delegation | None:
    able = _able(ring, offline=offline)
    valid = (delegation for delegation in able if delegation.not_before <= now < delegation.expires_at)
    return max(valid, key=_age, default=None)


def _able(ring: KeyRing, *, offline: bool) -> Iterator[Delegation]:
    for kid, delegation in ring.delegations.items():
        if kid in ring.signing_keys and kid not in ring.retired and delegation.offline == offline:
            yield delegation


def _age(delegation: Delegation) -> tuple[int, str]:
    return delegation.not_before, delegation.kid
