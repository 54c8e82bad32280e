"""Proofs by a device's key: what holds, and what is refused for which reason."""

import hashlib
import json

import pytest

from crypto import base64url, jws
from crypto.errors import CertificateError
from crypto.proofs import MAX_COUNTER, TYP, Proof, make_proof, verify_proof
from crypto.signing import SigningKey

KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(32))
CERTIFICATE = "eyJ0.eyJz.c2ln"
NOW = 1_800_000_000
CTH = base64url.encode(hashlib.sha256(CERTIFICATE.encode()).digest())
CLAIMS = {"iat": NOW, "ctr": 3, "cth": CTH}


def write(claims: object, *, key: SigningKey = KEY, typ: str = TYP, kid: str | None = None) -> str:
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jws.compact(jws.encode_header(typ, kid or key.kid), payload, key)


def reason_of(token: str, certificate: str = CERTIFICATE) -> str:
    with pytest.raises(CertificateError) as caught:
        verify_proof(token, KEY.public_key, certificate)
    return caught.value.reason


def test_a_proof_says_its_time_and_counter():
    proof = make_proof(KEY, CERTIFICATE, 3, NOW)
    assert verify_proof(proof, KEY.public_key, CERTIFICATE) == Proof(NOW, 3)
    header, payload, _ = proof.split(".")
    assert json.loads(base64url.decode(header)) == {"alg": "EdDSA", "typ": TYP, "kid": KEY.kid}
    assert json.loads(base64url.decode(payload)) == CLAIMS


def test_the_same_proof_is_the_same_bytes_and_each_counter_another():
    assert make_proof(KEY, CERTIFICATE, 3, NOW) == make_proof(KEY, CERTIFICATE, 3, NOW)
    assert make_proof(KEY, CERTIFICATE, 3, NOW) != make_proof(KEY, CERTIFICATE, 4, NOW)


def test_whitespace_and_order_of_claims_are_the_writers():
    proof = write(b'{ "cth": "' + CTH.encode() + b'", "ctr": 1, "iat": 0 }')
    assert verify_proof(proof, KEY.public_key, CERTIFICATE) == Proof(0, 1)


@pytest.mark.parametrize("counter", [1, MAX_COUNTER])
def test_the_counters_that_hold(counter):
    proof = make_proof(KEY, CERTIFICATE, counter, NOW)
    assert verify_proof(proof, KEY.public_key, CERTIFICATE).counter == counter


@pytest.mark.parametrize(("counter", "now"), [(0, NOW), (-1, NOW), (MAX_COUNTER + 1, NOW), (1, -1)])
def test_what_nobody_would_take_is_not_made(counter, now):
    with pytest.raises(ValueError, match="counter"):
        make_proof(KEY, CERTIFICATE, counter, now)


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "ctr": 0},
        {**CLAIMS, "ctr": -1},
        {**CLAIMS, "ctr": 1.0},
        {**CLAIMS, "ctr": True},
        {**CLAIMS, "ctr": "3"},
        {**CLAIMS, "ctr": None},
        {**CLAIMS, "ctr": MAX_COUNTER + 1},
        {**CLAIMS, "iat": -1},
        {**CLAIMS, "iat": 1.5},
        {**CLAIMS, "cth": 7},
        {**CLAIMS, "aud": "softphone"},
        {"iat": NOW, "ctr": 3},
        {"ctr": 3, "cth": CTH},
        [],
        "proof",
        b"",
        b"{}{}",
        b'{"iat":1,"ctr":1,"ctr":9,"cth":"x"}',
    ],
    ids=repr,
)
def test_other_claims_are_malformed(claims):
    assert reason_of(write(claims)) == "malformed"


def test_what_is_no_token_is_malformed():
    proof = make_proof(KEY, CERTIFICATE, 1, NOW)
    for text in (
        "",
        "proof",
        "a.b",
        proof + ".x",
        proof[:-1],
        proof + "=",
        " " + proof,
        proof + "x" * 17_000,
    ):
        assert reason_of(text) == "malformed", text[:40]


def test_a_certificate_or_a_delegation_is_no_proof():
    assert reason_of(write(CLAIMS, typ="license+jwt")) == "wrong_type"
    assert reason_of(write(CLAIMS, typ="license-key+jwt")) == "wrong_type"


def test_a_proof_by_another_key_is_told_from_a_forged_one():
    assert reason_of(make_proof(OTHER, CERTIFICATE, 1, NOW)) == "key"
    assert reason_of(write(CLAIMS, key=OTHER, kid=KEY.kid)) == "signature"


def test_no_byte_of_a_proof_can_be_changed():
    proof = make_proof(KEY, CERTIFICATE, 1, NOW)
    for at in range(len(proof)):
        other = "A" if proof[at] != "A" else "B"
        changed = proof[:at] + other + proof[at + 1 :]
        assert reason_of(changed) in {"malformed", "wrong_type", "key", "signature"}, at


def test_a_proof_is_over_one_certificate():
    proof = make_proof(KEY, CERTIFICATE, 1, NOW)
    assert reason_of(proof, CERTIFICATE + "A") == "certificate"
    assert reason_of(proof, "Zertifikät") == "malformed"
