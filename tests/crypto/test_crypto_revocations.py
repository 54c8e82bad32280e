"""The signed list of revocations: the same bytes for the same facts, and all that makes it not hold."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_certificates import BEGIN, DAY, HOUR, KEYS, OFFLINE, ONLINE, ROOTS, flips, issue

from crypto import base64url, errors, jws
from crypto.delegations import issue_delegation
from crypto.revocations import (
    LIFE_S,
    MAX_CERTIFICATES,
    TYP,
    Revocations,
    issue_revocations,
    name_certificate,
    verify_revocations,
)

ISSUER = "https://licences.example"
LEAKED_KID, ROTATED_KID = "L" * 43, "R" * 43
JTIS = [base64url.encode(bytes([number]) * 16) for number in (9, 3, 7)]
GOOD_KEYS = {LEAKED_KID: "leaked", ROTATED_KID: "rotated"}
SIGNER = KEYS["online"]
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "iat": BEGIN,
    "exp": BEGIN + LIFE_S,
    "keys": [{"kid": LEAKED_KID, "why": "leaked"}, {"kid": ROTATED_KID, "why": "rotated"}],
    "certificates": sorted(JTIS),
}


def make(now: int = BEGIN, **changes: Any) -> str:
    keys = {ROTATED_KID: "rotated", LEAKED_KID: "leaked"}
    given = {"key": SIGNER, "issuer": ISSUER, "now": now, "keys": keys, "certificates": JTIS, **changes}
    return issue_revocations(**given)


def forge(claims: object, typ: str = TYP) -> str:
    payload = claims if isinstance(claims, bytes) else json.dumps(claims, separators=(",", ":")).encode()
    return jws.compact(jws.encode_header(typ, SIGNER.kid), payload, SIGNER)


def check(token: str, **changes: Any) -> Revocations:
    given = {"delegation_token": ONLINE, "roots": ROOTS, "now": BEGIN + HOUR, **changes}
    return verify_revocations(token, **given)


def reason(token: str, **changes: Any) -> str:
    with pytest.raises(errors.CertificateError) as caught:
        check(token, **changes)
    assert str(caught.value)
    return caught.value.reason


def test_a_list_says_what_it_was_made_of() -> None:
    listed = check(make())
    assert (listed.issuer, listed.issued_at, listed.expires_at) == (ISSUER, BEGIN, BEGIN + LIFE_S)
    assert listed.keys == {LEAKED_KID: "leaked", ROTATED_KID: "rotated"}
    assert listed.leaked == {LEAKED_KID}
    assert listed.signer == SIGNER.kid
    assert listed.certificates == set(JTIS)
    empty = check(make(keys={}, certificates=[]))
    assert (empty.keys, empty.certificates) == ({}, frozenset())


def test_the_same_facts_in_one_hour_are_the_same_bytes_in_any_order() -> None:
    token = make()
    assert token == forge(GOOD)
    assert token == make(BEGIN + HOUR - 1, certificates=sorted(JTIS), keys=dict(GOOD_KEYS))
    assert token != make(BEGIN + HOUR)


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": {SIGNER.kid: "leaked"}},
        {"keys": {"short": "leaked"}},
        {"keys": {LEAKED_KID: "stolen"}},
        {"certificates": ["short"]},
        {"certificates": [JTIS[0], JTIS[0]]},
        {"issuer": ""},
        {"certificates": [f"{number:022d}" for number in range(MAX_CERTIFICATES + 1)]},
    ],
)
def test_what_nobody_would_believe_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make(**changes)


def test_a_key_that_was_only_rotated_may_have_signed() -> None:
    assert check(make(keys={SIGNER.kid: "rotated"})).keys == {SIGNER.kid: "rotated"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"now": BEGIN - DAY}, None),
        ({"now": BEGIN - DAY - 1}, "not_yet_valid"),
        ({"now": BEGIN + LIFE_S - 1}, None),
        ({"now": BEGIN + LIFE_S}, "expired"),
        ({"now": None}, None),
        ({"leaked": {LEAKED_KID}}, None),
        ({"leaked": {SIGNER.kid}}, "retired"),
        ({"leaked": {SIGNER.kid}, "now": BEGIN - DAY - 1}, "retired"),
        ({"leaked": {SIGNER.kid}, "now": BEGIN + LIFE_S}, "retired"),
        ({"roots": [KEYS["root_foreign"].public_key]}, "unknown_root"),
        ({"roots": []}, "unknown_root"),
        ({"delegation_token": OFFLINE}, "not_delegated"),
        ({"delegation_token": "a.b.c"}, "malformed"),
    ],
)
def test_each_circumstance(changes: dict[str, Any], expected: str | None) -> None:
    assert (reason(make(), **changes) if expected else check(make(), **changes) and None) == expected


def delegated(not_before: int, expires_at: int, offline: bool = False) -> str:
    root = KEYS["root_current"]
    return issue_delegation(root, SIGNER.public_key, not_before, expires_at, DAY, offline).token


@pytest.mark.parametrize(
    ("delegation", "expected"),
    [
        (delegated(BEGIN, BEGIN + 1), None),
        (delegated(BEGIN + 1, BEGIN + DAY), "not_delegated"),
        (delegated(BEGIN - DAY, BEGIN), "not_delegated"),
        (delegated(BEGIN - DAY, BEGIN + DAY, offline=True), "not_delegated"),
    ],
)
def test_it_was_issued_within_the_delegations_time_by_an_online_key(
    delegation: str, expected: str | None
) -> None:
    token = make()
    given = {"delegation_token": delegation}
    assert (reason(token, **given) if expected else check(token, **given) and None) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": ""},
        {"iss": 1},
        {"iat": True},
        {"iat": "1"},
        {"iat": -1},
        {"iat": 1.5},
        {"exp": None},
        {"keys": {}},
        {"keys": [LEAKED_KID]},
        {"keys": [{"kid": LEAKED_KID}]},
        {"keys": [{"kid": LEAKED_KID, "why": "lost"}]},
        {"keys": [{"kid": LEAKED_KID, "why": ["leaked"]}]},
        {"keys": [{"kid": LEAKED_KID, "why": "leaked", "when": 1}]},
        {"keys": [{"kid": LEAKED_KID[1:], "why": "leaked"}]},
        {"keys": [{"kid": 1, "why": "leaked"}]},
        {"keys": [*reversed(GOOD["keys"])]},
        {"keys": [GOOD["keys"][0], GOOD["keys"][0]]},
        {"certificates": {}},
        {"certificates": [1]},
        {"certificates": [JTIS[0] + "A"]},
        {"certificates": [JTIS[0][:-1] + "="]},
        {"certificates": sorted(JTIS, reverse=True)},
        {"certificates": [JTIS[0], JTIS[0]]},
        {"more": 1},
    ],
)
def test_another_form_is_malformed(changes: dict[str, Any]) -> None:
    assert reason(forge({**GOOD, **changes})) == "malformed"


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_claim_is_malformed(name: str) -> None:
    assert reason(forge({key: value for key, value in GOOD.items() if key != name})) == "malformed"


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b'{"iss":"a","iss":"a"}', b"\xff"])
def test_what_is_no_json_object_is_malformed(payload: bytes) -> None:
    assert reason(forge(payload)) == "malformed"


@pytest.mark.parametrize("life_s", [0, -1, LIFE_S + 1])
def test_it_lasts_seven_days_at_most(life_s: int) -> None:
    assert reason(forge({**GOOD, "exp": BEGIN + life_s})) == "ttl"


def test_a_list_that_names_its_own_key_as_leaked_does_not_hold() -> None:
    entry = {"kid": SIGNER.kid, "why": "leaked"}
    assert reason(forge({**GOOD, "keys": [entry]})) == "retired"


def test_another_kind_of_token_is_no_list_and_a_list_is_no_certificate() -> None:
    assert reason(issue()) == "wrong_type"
    assert reason(forge(GOOD, "license+jwt")) == "wrong_type"
    assert reason(ONLINE) == "wrong_type"
    with pytest.raises(errors.WrongTypeError):
        name_certificate(make())


def test_no_flipped_bit_goes_unseen() -> None:
    for changed in flips(make(certificates=[])):
        with pytest.raises(errors.CertificateError):
            check(changed)


@given(st.text(max_size=200))
def test_no_text_is_taken_for_a_list(text: str) -> None:
    with pytest.raises(errors.CertificateError):
        check(text)


def test_a_full_list_is_not_too_long() -> None:
    names = [base64url.encode(number.to_bytes(16, "big")) for number in range(MAX_CERTIFICATES)]
    token = make(certificates=names)
    assert len(check(token).certificates) == MAX_CERTIFICATES
    assert reason("A" * (8 * 1024 * 1024 + 1)) == "malformed"


def test_a_certificates_names_are_its_key_and_its_jti() -> None:
    kid, jti = name_certificate(issue())
    payload = json.loads(base64url.decode(issue().split(".")[1]))
    assert (kid, jti) == (SIGNER.kid, payload["jti"])
    for claims in (b"{", b"[]", b"{}", b'{"jti":1}'):
        with pytest.raises(errors.InvalidToken):
            name_certificate(forge(claims, "license+jwt"))
