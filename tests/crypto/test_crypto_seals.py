"""Seals: issued, verified, and what is not one."""

from dataclasses import replace

import pytest

from crypto import jws
from crypto.delegations import issue_delegation
from crypto.errors import CertificateError
from crypto.seals import NOTHING_BEFORE, TYP, Seal, hash_seal, issue_seal, verify_seal
from crypto.signing import SigningKey

NOW = 1_800_000_000
ROOT, KEY = SigningKey.from_seed(bytes([1] * 32)), SigningKey.from_seed(bytes([2] * 32))
ROOTS = [ROOT.public_key]
SEAL = Seal("softphones", NOW, 7, "7711/16384", 0, 100, 200, 3, bytes([5] * 32), NOTHING_BEFORE)


def delegation(begin: int = NOW - 60, *, offline: bool = False, key: SigningKey = KEY) -> str:
    return issue_delegation(ROOT, key.public_key, begin, NOW + 60, 1000, offline).token


def test_a_seal_says_what_was_signed():
    token = issue_seal(KEY, SEAL)
    assert verify_seal(token, delegation(), ROOTS) == (SEAL, KEY.kid)
    assert len(hash_seal(token)) == 32


def other(typ: str) -> str:
    return jws.compact(jws.encode_header(typ, KEY.kid), b"{}", KEY)


@pytest.mark.parametrize(
    ("token", "delegated", "roots", "reason"),
    [
        (issue_seal(KEY, SEAL), delegation(), [KEY.public_key], "unknown_root"),
        (issue_seal(KEY, SEAL), delegation(offline=True), ROOTS, "not_delegated"),
        (issue_seal(ROOT, SEAL), delegation(), ROOTS, "not_delegated"),
        (issue_seal(KEY, SEAL), delegation(NOW + 1), ROOTS, "not_delegated"),
        (issue_seal(KEY, replace(SEAL, issued_at=NOW + 60)), delegation(), ROOTS, "not_delegated"),
        (issue_seal(KEY, SEAL)[:-3] + "AAA", delegation(), ROOTS, "malformed|signature"),
        (other("license+jwt"), delegation(), ROOTS, "wrong_type"),
        (other(TYP), delegation(), ROOTS, "malformed"),
    ],
)
def test_what_is_no_seal(token, delegated, roots, reason):
    with pytest.raises(CertificateError) as refused:
        verify_seal(token, delegated, roots)
    assert refused.value.reason in reason.split("|")


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"issuer": ""},
        {"database": ""},
        {"events": -1},
        {"events": 1 << 63},
        {"from_xid": -1},
        {"from_xid": 201},
        {"root": bytes(31)},
        {"before": bytes(33)},
        {"layout": 2},
        {"issued_at": -1},
        {"offset": True},
    ],
)
def test_what_nobody_would_accept_is_not_signed(change):
    with pytest.raises(ValueError, match=r"^\w"):
        issue_seal(KEY, replace(SEAL, **change))
