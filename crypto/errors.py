"""Why a certificate or a delegation is not accepted: one class and one word each."""

from typing import ClassVar


class CertificateError(ValueError):
    """A token that must not be believed; `reason` is one word of a fixed list, for logs and test vectors."""

    reason: ClassVar[str] = "invalid"


class InvalidToken(CertificateError):  # noqa: N818 - named after what it is in RFC 7519
    """Not a token of ours in form: encoding, header members, algorithm, claim types (RFC 7515, RFC 8725)."""

    reason = "malformed"


class WrongTypeError(InvalidToken):
    """A token of another kind than the one expected here (RFC 8725 section 3.11)."""

    reason = "wrong_type"


class UnknownRootError(CertificateError):
    """The delegation names a root that the verifier does not hold."""

    reason = "unknown_root"


class SignatureError(CertificateError):
    """The Ed25519 signature does not match (RFC 8032)."""

    reason = "signature"


class NotDelegatedError(CertificateError):
    """The certificate's key is not the delegated one, or `iat` is outside the delegation's time."""

    reason = "not_delegated"


class TermTooLongError(CertificateError):
    """The certificate lives longer than its delegation lets it, or for ever where it may not."""

    reason = "ttl"


class WrongProductError(CertificateError):
    """The certificate is for another product (`aud`)."""

    reason = "product"


class NotYetValidError(CertificateError):
    """The time is before `nbf`."""

    reason = "not_yet_valid"


class ExpiredError(CertificateError):
    """The time is at or after `exp`."""

    reason = "expired"


class RetiredKeyError(CertificateError):
    """The certificate's signing key was retired as leaked: nothing under it is believed any more."""

    reason = "retired"


class WrongKeyError(CertificateError):
    """A proof that names another key than the device's (RFC 7800)."""

    reason = "key"


class WrongCertificateError(CertificateError):
    """A proof over another certificate than the one it comes with."""

    reason = "certificate"
