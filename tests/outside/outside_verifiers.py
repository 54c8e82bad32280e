"""Verifiers made of other people's libraries: each takes a case and raises when the library refuses it.

All go the same way: the delegation under the roots, its `jwk` under its `kid`, the certificate under that.
"""

import base64
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws as joserfc_jws
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet
from outside_cases import Case

ALGORITHMS = ["EdDSA"]


class RefusedError(Exception):
    """The command or script says no."""


def verify_by_joserfc(case: Case) -> str:
    roots = KeySet.import_key_set({"keys": [*case.roots]})
    signed = joserfc_jws.deserialize_compact(case.delegation, roots, algorithms=ALGORITHMS)
    keys = KeySet.import_key_set({"keys": [_delegated(signed.payload)]})
    token = joserfc_jwt.decode(case.certificate, keys, algorithms=ALGORITHMS)
    wanted: dict[str, Any] = {"aud": {"essential": True, "value": case.product}} if case.product else {}
    # joserfc refuses an `iat` ahead of the clock, which RFC 7519 does not ask for: `nbf` is what says it.
    skipped = ("iat",) if case.now is not None else ("iat", "exp", "nbf")
    asked = {name: value for name, value in token.claims.items() if name not in skipped}
    joserfc_jwt.JWTClaimsRegistry(now=case.now, **wanted).validate(asked)
    return str(token.claims["sub"])


def verify_by_pyjwt(case: Case) -> str:
    payload = jwt.PyJWS().decode(case.delegation, _pick(case.delegation, case.roots), ALGORITHMS)
    key = _pick(case.certificate, [_delegated(payload)])
    # PyJWT has no way to be told the time. A leeway of the difference moves its clock: for exp one way,
    # for nbf the other.
    late = 0 if case.now is None else int(time.time()) - case.now
    for leeway, asked in ((late, "verify_exp"), (-late, "verify_nbf")):
        options: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat"), False)
        options |= {asked: case.now is not None, "verify_aud": case.product is not None}
        claims = jwt.decode(
            case.certificate, key, ALGORITHMS, audience=case.product, leeway=leeway, options=options
        )
    return str(claims["sub"])


def verify_by_openssl(case: Case, folder: Path) -> str:
    """Verify both signatures by the command; the keys are taken by their kid, nothing else is looked at."""
    roots = {root["kid"]: root for root in case.roots}
    _openssl(case.delegation, roots[_header(case.delegation)["kid"]], folder)
    jwk = _delegated(_decode(case.delegation.split(".")[1]))
    _openssl(case.certificate, jwk, folder)
    return str(json.loads(_decode(case.certificate.split(".")[1]))["sub"])


def _openssl(token: str, jwk: dict[str, str], folder: Path) -> None:
    signing_input, _, signature = token.rpartition(".")
    public = Ed25519PublicKey.from_public_bytes(_decode(jwk["x"]))
    (folder / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "signature").write_bytes(_decode(signature))
    (folder / "message").write_text(signing_input)
    command = "openssl pkeyutl -verify -pubin -rawin -inkey key.pem -sigfile signature -in message"
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
    if done.returncode:
        raise RefusedError(done.stdout)


def _pick(token: str, jwks: list[dict[str, str]]) -> jwt.PyJWK:
    return jwt.PyJWKSet.from_dict({"keys": [*jwks]})[jwt.get_unverified_header(token)["kid"]]


def _delegated(payload: bytes) -> dict[str, str]:
    claims = json.loads(payload)
    return {**claims["jwk"], "kid": claims["kid"]}


def _header(token: str) -> dict[str, str]:
    header: dict[str, str] = json.loads(_decode(token.split(".", maxsplit=1)[0]))
    return header


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
