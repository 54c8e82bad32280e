import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws as other_jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey
from sample_certificates import CLAIMS_IN_ORDER, KEYS, ONLINE, TERMS, issue

from crypto import base64url
from crypto.signing import public_jwk

# RFC 9864 prefers "Ed25519" to the older "EdDSA"; ours has to stay what clients in the field know.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")

SIGNED = [(issue(), "online", "license+jwt"), (ONLINE, "root_current", "license-key+jwt")]
each_token = pytest.mark.parametrize(("token", "key", "typ"), SIGNED, ids=["certificate", "delegation"])


def import_key(name: str) -> OKPKey:
    return OKPKey.import_key({**public_jwk(KEYS[name].public_key)})


@each_token
def test_joserfc_verifies(token: str, key: str, typ: str) -> None:
    jwk = import_key(key)
    parsed = other_jws.deserialize_compact(token, jwk, algorithms=["EdDSA"])
    assert parsed.protected == {"alg": "EdDSA", "typ": typ, "kid": KEYS[key].kid}
    assert jwk.thumbprint() == KEYS[key].kid
    with pytest.raises(BadSignatureError):
        other_jws.deserialize_compact(token, import_key("other"), algorithms=["EdDSA"])


def test_joserfc_reads_our_claims() -> None:
    jwk = import_key("online")
    payload = other_jws.deserialize_compact(issue(), jwk, algorithms=["EdDSA"]).payload
    claims = json.loads(payload)
    assert list(claims) == CLAIMS_IN_ORDER
    assert claims["sub"] == TERMS.license_id


@each_token
def test_cryptography_verifies(token: str, key: str, typ: str) -> None:
    signing_input, _, signature = token.rpartition(".")
    public = Ed25519PublicKey.from_public_bytes(KEYS[key].public_key)
    public.verify(base64url.decode(signature), signing_input.encode())
    with pytest.raises(InvalidSignature):
        public.verify(base64url.decode(signature), signing_input.encode() + b".")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command here")
@each_token
def test_the_openssl_command_verifies(tmp_path: Path, token: str, key: str, typ: str) -> None:
    signing_input, _, signature = token.rpartition(".")
    public = Ed25519PublicKey.from_public_bytes(KEYS[key].public_key)
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(base64url.decode(signature))
    for text, good in [(signing_input, True), (signing_input[:-1] + "!", False)]:
        (tmp_path / "message").write_text(text)
        command = "openssl pkeyutl -verify -pubin -rawin -inkey key.pem -sigfile signature -in message"
        done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode == 0) is good, done.stderr
