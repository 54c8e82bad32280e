"""JWS compact serialisation (RFC 7515 section 7.1) with Ed25519 (RFC 8037) and no other choice to make.

The header is exactly {"alg": "EdDSA", "typ": ..., "kid": ...}: whoever writes a token picks neither the
algorithm nor where the key comes from (RFC 8725 sections 3.1, 3.10, 3.11).
"""

from dataclasses import dataclass

from crypto import base64url, strict_json
from crypto.errors import InvalidToken, WrongTypeError
from crypto.signing import SIGNATURE_BYTES, Signer

MAX_TOKEN_CHARACTERS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Parsed:
    """A token taken apart, its signature not yet looked at."""

    kid: str
    payload: bytes
    signing_input: bytes
    signature: bytes


def encode_header(typ: str, kid: str) -> bytes:
    """Return the header of tokens of this type under this key, in base64url; neither needs escapes."""
    return base64url.encode_bytes(f'{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}"}}'.encode("ascii"))


def compact(header: bytes | str, payload: bytes, key: Signer) -> str:
    """Return the token: `header` (from `encode_header`), payload and signature, joined by full stops."""
    encoded = header if isinstance(header, bytes) else header.encode("ascii")
    signing_input = encoded + b"." + base64url.encode_bytes(payload)
    signature = base64url.encode_bytes(key.sign(signing_input))
    return (signing_input + b"." + signature).decode("ascii")


def parse(token: str, typ: str, longest: int = MAX_TOKEN_CHARACTERS) -> Parsed:
    """Take a token apart, without believing it.

    Raises InvalidToken when it is longer than `longest` characters, is not three parts of canonical
    base64url, has another header than this module writes (in any order of members), or a signature that is
    not 64 bytes long; WrongTypeError when only `typ` differs.
    """
    if len(token) > longest:
        raise InvalidToken(f"longer than {longest // 1024} KiB")
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidToken("not three parts")
    try:
        header, payload, signature = map(base64url.decode, parts)
        kid = _read_header(strict_json.loads(header), typ)
    except InvalidToken:
        raise
    except ValueError as error:
        raise InvalidToken(str(error)) from None
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidToken("signature of another length than 64 bytes")
    return Parsed(kid, payload, token[: -len(parts[2]) - 1].encode("ascii"), signature)


def _read_header(header: object, typ: str) -> str:
    if not isinstance(header, dict) or header.keys() != {"alg", "typ", "kid"}:
        raise InvalidToken("a header has alg, typ, kid and nothing else")
    kid = header["kid"]
    if header["alg"] != "EdDSA" or not isinstance(kid, str):
        raise InvalidToken("alg is EdDSA, kid is a string")
    if header["typ"] != typ:
        raise WrongTypeError(f"typ is not {typ}")
    return kid
