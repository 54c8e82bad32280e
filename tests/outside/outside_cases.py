"""The certificate vectors as others' verifiers see them: cases, and which check is to refuse each."""

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

VECTORS = Path(__file__).parents[1] / "vectors" / "certificates.json"

BY_REASON = {
    "signature": "signature",
    "wrong_type": "typ",
    "unknown_root": "kid",
    "expired": "exp",
    "not_yet_valid": "nbf",
    "product": "aud",
}
"""Which check of a general library is to find what our reasons say."""


@dataclass(frozen=True)
class Case:
    name: str
    certificate: str
    delegation: str
    roots: list[dict[str, str]]
    """JWKs, each with its thumbprint (RFC 7638) as `kid`."""
    product: str | None
    now: int | None
    good: bool
    check: str | None
    """The check that is to refuse it; None: a rule of our protocol alone."""


def read_cases() -> list[Case]:
    return [_read(entry) for entry in json.loads(VECTORS.read_text("ascii"))["cases"]]


def _read(entry: dict[str, Any]) -> Case:
    roots = [_root(x) for x in entry["roots"]]
    good = entry.get("reason") is None
    check = None if good else _check(entry, {root["kid"] for root in roots})
    plain = (entry[name] for name in ("name", "certificate", "delegation"))
    return Case(*plain, roots, entry["product"], entry["now"], good, check)


def _root(x: str) -> dict[str, str]:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
    return {**jwk, "kid": OKPKey.import_key({**jwk}).thumbprint()}


def _check(entry: dict[str, Any], roots: set[str]) -> str | None:
    """Look at both tokens as they are, so that new vectors find their check by themselves."""
    if entry["reason"] in BY_REASON:
        return BY_REASON[entry["reason"]]
    delegation, certificate = entry["delegation"], entry["certificate"]
    delegated = {_part(delegation, 1).get("kid")}
    return _fault(delegation, roots) or _fault(certificate, delegated)


def _fault(token: str, kids: set[Any]) -> str | None:
    if token.count(".") != 2:
        return "form"
    header = _part(token, 0)
    if not header:
        return None
    if header.get("alg") != "EdDSA":
        return "alg"
    if "typ" not in header:
        return "typ"
    return None if header.get("kid") in kids else "kid" if "kid" in header else "kid given"


def _part(token: str, number: int) -> dict[str, Any]:
    try:
        part = json.loads(base64.urlsafe_b64decode(token.split(".")[number] + "=="))
    except (binascii.Error, ValueError, IndexError):
        return {}
    return part if isinstance(part, dict) else {}
