import base64
import json
from typing import Any

import make_certificates
import make_digests
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_certificates import (
    BEGIN,
    CLAIMS_IN_ORDER,
    DAY,
    KEYS,
    OFFLINE,
    ONLINE,
    PRODUCT,
    ROOTS,
    TERMS,
    flips,
    forge,
    issue,
    split,
)

from crypto import base64url, errors, jws
from crypto.delegations import issue_delegation, verify_delegation
from crypto.terms import Terms, parse_terms
from crypto.verifying import verify_certificate

VECTORS = json.loads(make_certificates.FILE.read_text("ascii"))
HEADER, CLAIMS = split(issue())


def verify(token: str) -> Terms:
    return verify_certificate(token, ONLINE, ROOTS, product=PRODUCT, now=BEGIN + DAY)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_vector(case: dict[str, Any]) -> None:
    roots = [base64url.decode(root) for root in case["roots"]]
    token, delegation = case["certificate"], case["delegation"]
    if case["ok"]:
        terms = verify_certificate(token, delegation, roots, product=case["product"], now=case["now"])
        assert terms.license_id == TERMS.license_id
        return
    with pytest.raises(errors.CertificateError) as caught:
        verify_certificate(token, delegation, roots, product=case["product"], now=case["now"])
    assert caught.value.reason == case["reason"]
    assert str(caught.value)


def test_the_vectors_are_what_the_script_writes() -> None:
    assert make_certificates.FILE.read_text("ascii") == make_certificates.render()
    assert make_digests.FILE.read_text("ascii") == make_digests.render()


def test_the_vectors_know_every_reason() -> None:
    cases = VECTORS["cases"]
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names) >= 40
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    declared = {kind.reason for kind in kinds if issubclass(kind, errors.CertificateError)}
    elsewhere = {"invalid", "retired", "key", "certificate"}
    assert {case["reason"] for case in cases} == (declared - elsewhere) | {None}


def test_no_bit_of_a_certificate_can_be_flipped() -> None:
    token = issue()
    assert verify(token) == TERMS
    for changed in flips(token):
        with pytest.raises(errors.CertificateError):
            verify(changed)


def test_no_bit_of_a_delegation_can_be_flipped() -> None:
    for changed in flips(ONLINE):
        with pytest.raises(errors.CertificateError):
            verify_delegation(changed, ROOTS)


@given(st.text() | st.text("AQ.w-_ey", max_size=60))
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(errors.CertificateError):
        verify(text)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_signed_garbage_is_malformed(header: bytes, claims: bytes) -> None:
    with pytest.raises(errors.InvalidToken):
        verify(forge(header, CLAIMS))
    with pytest.raises(errors.InvalidToken):
        verify(forge(HEADER, claims))


JSON_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(st.sampled_from([name for name in CLAIMS_IN_ORDER if name != "tag"]), JSON_VALUES)
def test_a_claim_of_any_value_never_breaks_the_verifier(name: str, value: object) -> None:
    try:
        terms = verify(forge(HEADER, json.dumps(CLAIMS | {name: value}).encode()))
    except errors.CertificateError:
        return
    assert isinstance(terms, Terms)


def test_compact_takes_the_header_as_text_too() -> None:
    key = KEYS["online"]
    header = jws.encode_header("x", key.kid)
    assert jws.compact(header, b"{}", key) == jws.compact(header.decode(), b"{}", key)


def test_parse_gives_back_what_was_signed() -> None:
    key = KEYS["online"]
    token = jws.compact(jws.encode_header("x", key.kid), b"payload", key)
    signing_input, _, signature = token.rpartition(".")
    assert jws.parse(token, "x") == jws.Parsed(
        key.kid, b"payload", signing_input.encode(), base64.urlsafe_b64decode(signature + "==")
    )


def test_a_delegation_says_what_was_asked() -> None:
    delegation = verify_delegation(OFFLINE, ROOTS)
    assert delegation == issue_delegation(
        KEYS["root_next"], KEYS["offline"].public_key, BEGIN - 30 * DAY, BEGIN + 60 * DAY, 30 * DAY, True
    )
    assert (delegation.kid, delegation.root_kid) == (KEYS["offline"].kid, KEYS["root_next"].kid)
    assert delegation.public_key == KEYS["offline"].public_key
    assert (delegation.max_ttl, delegation.offline, delegation.token) == (30 * DAY, True, OFFLINE)


@pytest.mark.parametrize(
    ("begin", "end", "ttl"), [(5, 5, 1), (-1, 5, 1), (1, 5, 0), (True, 5, 1), (1, 5.0, 1)]
)
def test_an_empty_delegation_is_not_signed(begin: Any, end: Any, ttl: int) -> None:
    with pytest.raises(ValueError, match="nbf"):
        issue_delegation(KEYS["root_current"], KEYS["online"].public_key, begin, end, ttl, False)


@pytest.mark.parametrize("claims", [None, [], "claims", 1])
def test_terms_are_read_from_an_object_only(claims: object) -> None:
    with pytest.raises(errors.InvalidToken, match="not an object"):
        parse_terms(claims)


@pytest.mark.parametrize("name", [name for name in CLAIMS_IN_ORDER if name not in ("exp", "cnf", "tag")])
def test_terms_need_every_claim(name: str) -> None:
    with pytest.raises(errors.InvalidToken, match=name):
        parse_terms({key: value for key, value in CLAIMS.items() if key != name})
