"""Issuing certificates: from terms to the very same bytes, whichever worker writes them.

The payload is put together as text, from values that were checked to need no JSON escapes: beside the
signature it should cost next to nothing.
"""

import hashlib
import re
from functools import lru_cache

from crypto import base64url, jws
from crypto.recognising import TYP, append_tag
from crypto.secrecy import Secret
from crypto.signing import KEY_BYTES, Signer
from crypto.terms import DIGEST_BYTES, LARGEST_NUMBER, Terms

DAY_S = 86_400
"""How much earlier than `iat` a certificate is valid: clocks are wrong."""

_QUOTED = '"%s"'
_is_id = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_is_plain = re.compile(r"[ !#-\[\]-~]+").fullmatch  # printable ASCII but for the quote and the backslash


class Issuer(Secret):
    """Issues certificates under one signing key, in one issuer's name."""

    __slots__ = ("_header", "_issuer", "_key", "_kid", "_tag_key")

    def __init__(self, signing_key: Signer, issuer: str, tag_key: bytes) -> None:
        """Take the `iss` of all certificates and the key of their tags (`recognising`), at most 64 bytes.

        Raises ValueError for an `issuer` that is not printable ASCII free of quotes and backslashes.
        """
        self._issuer = _check_plain(issuer)
        self._key = signing_key
        self._kid = signing_key.kid.encode("ascii")
        self._tag_key = tag_key
        self._header = jws.encode_header(TYP, signing_key.kid)

    @property
    def kid(self) -> str:
        """The signing key's thumbprint."""
        return self._key.kid

    @property
    def name(self) -> str:
        """The `iss` of all certificates."""
        return self._issuer

    def issue(self, terms: Terms) -> str:
        """Return the certificate that states `terms`; the same terms always give the same bytes.

        Raises ValueError for terms that no verifier would accept, or that contradict themselves: another
        issuer's, text that would need escapes, ids beyond A-Z a-z 0-9 _ -, salts and digests that are not 16
        bytes long, no components, an end or a renewal before the beginning.
        """
        if terms.issuer != self._issuer:
            raise ValueError("terms of another issuer")
        _check_times(terms)
        claims = _write_claims(terms, self._kid).encode("ascii")
        return jws.compact(self._header, append_tag(self._tag_key, self._kid, claims), self._key)

    def _label(self) -> str:
        return self.kid


def _check_times(terms: Terms) -> None:
    begin, end = terms.issued_at, terms.expires_at
    if not DAY_S <= begin <= terms.renew_after <= LARGEST_NUMBER:
        raise ValueError("renewal before the beginning, or times out of range")
    if end is not None and not begin < end <= LARGEST_NUMBER:
        raise ValueError("the end is not after the beginning")
    if not 0 <= terms.major <= LARGEST_NUMBER or not 0 <= terms.moves <= LARGEST_NUMBER:
        raise ValueError("major and moves are not negative")
    if terms.updates_until is not None and not 0 <= terms.updates_until <= LARGEST_NUMBER:
        raise ValueError("updates_until out of range")


def _write_claims(terms: Terms, kid: bytes) -> str:
    # The closing brace is missing: the tag comes last. ":d" refuses what is no integer.
    begin, activation_id = terms.issued_at, _check_id(terms.activation_id)
    return (
        f'{{"iss":"{terms.issuer}","sub":"{_check_id(terms.license_id)}","act":"{activation_id}",'
        f'"jti":"{_name_certificate(activation_id, begin, kid)}","aud":"{_check_plain(terms.product)}",'
        f'"iat":{begin:d},"nbf":{begin - DAY_S:d},{_write_optional("exp", terms.expires_at)}'
        f'"rnw":{terms.renew_after:d},{_write_license(terms)},{_write_device(terms)},'
        f'{_write_device_key(terms.device_key)}"epc":{terms.moves:d}'
    )


def _name_certificate(activation_id: str, issued_at: int, kid: bytes) -> str:
    name = b"%b\0%d\0%b" % (activation_id.encode("ascii"), issued_at, kid)
    return base64url.encode(hashlib.blake2b(name, digest_size=DIGEST_BYTES).digest())


def _write_license(terms: Terms) -> str:
    updates_until = _write_optional("updates_until", terms.updates_until)
    return f'"lic":{{"kind":"{_check_plain(terms.kind)}",{updates_until}"major":{terms.major:d}}}'


def _write_device(terms: Terms) -> str:
    components = terms.components
    kinds = tuple(sorted(components))
    digests = [terms.salt]
    for kind in kinds:
        digests += components[kind]
    template = _draw_device(terms.policy, kinds, tuple([len(components[kind]) for kind in kinds]))
    return template % tuple(base64url.encode_digests(digests))


@lru_cache(maxsize=1024)  # a fleet has few shapes of device: which kinds there are, and how many of each
def _draw_device(policy: str, kinds: tuple[str, ...], counts: tuple[int, ...]) -> str:
    # The claim with %s where the salt and the digests go.
    if not kinds or not all(counts):
        raise ValueError("components are at least one, each of at least one digest")
    shape = zip(kinds, counts, strict=True)
    parts = [f'"{_escape(kind)}":[{",".join(count * [_QUOTED])}]' for kind, count in shape]
    return f'"dev":{{"salt":{_QUOTED},"policy":"{_escape(policy)}","components":{{{",".join(parts)}}}}}'


def _escape(text: str) -> str:
    return _check_plain(text).replace("%", "%%")


def _write_device_key(device_key: bytes | None) -> str:
    if device_key is None:
        return ""
    if len(device_key) != KEY_BYTES:
        raise ValueError(f"a device key has {KEY_BYTES} bytes")
    x = base64url.encode(device_key)
    return f'"cnf":{{"jwk":{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}}},'


def _write_optional(name: str, seconds: int | None) -> str:
    return "" if seconds is None else f'"{name}":{seconds:d},'


def _check_id(text: str) -> str:
    if not _is_id(text):
        raise ValueError(f"not an id: {text!r}")
    return text


@lru_cache(maxsize=256)  # products, kinds and policies are few and the same in every certificate
def _check_plain(text: str) -> str:
    if not _is_plain(text):
        raise ValueError(f"not plain printable ASCII: {text!r}")
    return text
