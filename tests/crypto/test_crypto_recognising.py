import json
from typing import Any

import make_certificates
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_certificates import KEYS, TAG_KEY, TERMS, dump, flips, forge, issue

from crypto import base64url, certificates
from crypto.recognising import append_tag, recognise

KIDS = frozenset({KEYS["online"].kid})
HEADER = {"alg": "EdDSA", "typ": "license+jwt", "kid": KEYS["online"].kid}
VECTORS = json.loads(make_certificates.FILE.read_text("ascii"))

# Where the delegation is what is wrong, the certificate is a good one.
MALFORMED = [
    case for case in VECTORS["cases"] if case["reason"] == "malformed" and case["certificate"] != issue()
]


def test_no_bit_under_the_tag_can_be_flipped() -> None:
    token = issue()
    head, _, signature = token.rpartition(".")
    assert recognise(token, TAG_KEY, KIDS) == TERMS
    for changed in flips(head + "."):
        assert recognise(changed + signature, TAG_KEY, KIDS) is None


def test_recognising_needs_the_tag_key_and_a_known_kid() -> None:
    assert recognise(issue(), bytes(32), KIDS) is None
    assert recognise(issue(), TAG_KEY, frozenset()) is None
    assert recognise(issue(TERMS, "other"), TAG_KEY, KIDS) is None
    assert recognise(issue(TERMS, "other"), TAG_KEY, {KEYS["other"].kid}) == TERMS


def test_the_tag_belongs_to_one_key() -> None:
    header = base64url.encode(dump(HEADER | {"kid": KEYS["other"].kid}))
    _, payload, signature = issue().split(".")
    assert recognise(f"{header}.{payload}.{signature}", TAG_KEY, {KEYS["other"].kid}) is None


def test_the_signature_is_not_verified() -> None:
    head, _, _ = issue().rpartition(".")
    assert recognise(f"{head}.{base64url.encode(bytes(64))}", TAG_KEY, KIDS) == TERMS


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: str(case["name"]))
def test_what_is_malformed_is_not_ours(case: dict[str, Any]) -> None:
    assert recognise(case["certificate"], TAG_KEY, KIDS) is None


def test_what_is_longer_than_a_token_is_not_looked_at() -> None:
    claims = base64url.decode(issue().split(".")[1]).rpartition(b',"tag"')[0]
    for pad, expected in [(10, TERMS), (16_384, None)]:
        payload = append_tag(TAG_KEY, HEADER["kid"].encode(), claims + b',"pad":"%b"' % (b"x" * pad))
        assert recognise(forge(HEADER, payload), TAG_KEY, KIDS) == expected


def test_a_tagged_payload_that_is_no_certificate_is_not_ours() -> None:
    payload = append_tag(TAG_KEY, HEADER["kid"].encode(), b'{"iss":"x"')
    assert recognise(forge(HEADER, payload), TAG_KEY, KIDS) is None


@given(st.text() | st.text("AQ.w-_ey", max_size=60))
def test_garbage_is_not_ours(text: str) -> None:
    assert recognise(text, TAG_KEY, KIDS) is None


def test_everything_is_reached_by_one_name() -> None:
    token = certificates.Issuer(KEYS["online"], TERMS.issuer, TAG_KEY).issue(TERMS)
    assert certificates.recognise(token, TAG_KEY, KIDS) == TERMS
    assert all(hasattr(certificates, name) for name in certificates.__all__)
