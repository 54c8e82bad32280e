import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_generichash_blake2b_salt_personal as blake2b
from sample_certificates import (
    BEGIN,
    CLAIMS_IN_ORDER,
    DAY,
    FOREVER,
    KEYS,
    PRODUCT,
    ROOTS,
    TAG_KEY,
    TERMS,
    dump,
    issue,
    split,
)

from crypto import base64url
from crypto.delegations import issue_delegation
from crypto.issuing import Issuer
from crypto.recognising import recognise
from crypto.terms import Terms, parse_terms
from crypto.verifying import verify_certificate

KIDS = frozenset({KEYS["online"].kid})


def test_claims_are_those_of_the_protocol_in_order() -> None:
    header, claims = split(issue())
    assert header == {"alg": "EdDSA", "typ": "license+jwt", "kid": KEYS["online"].kid}
    assert list(claims) == CLAIMS_IN_ORDER
    assert claims["iss"] == "https://licences.example"
    assert (claims["sub"], claims["act"], claims["aud"]) == ("lic-3f9a2c", "act-77b0e1", PRODUCT)
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (BEGIN, BEGIN - DAY, BEGIN + 30 * DAY)
    assert (claims["rnw"], claims["epc"]) == (BEGIN + 7 * DAY, 1)
    assert claims["lic"] == {"kind": "perpetual", "updates_until": BEGIN + 365 * DAY, "major": 5}
    assert claims["dev"] == {
        "salt": "AAECAwQFBgcICQoLDA0ODw",
        "policy": "standard/1",
        "components": {
            "hdd_serial": ["aGhoaGhoaGhoaGhoaGhoaA"],
            "mac": ["bW1tbW1tbW1tbW1tbW1tbQ", "bm5ubm5ubm5ubm5ubm5ubg"],
            "system_uuid": ["dXV1dXV1dXV1dXV1dXV1dQ"],
        },
    }
    assert claims["cnf"]["jwk"]["x"] == base64url.encode(KEYS["other"].public_key)


def test_the_payload_is_plain_json_without_blanks() -> None:
    payload = base64url.decode(issue().split(".")[1])
    assert payload == dump(json.loads(payload))


def test_optional_claims_are_absent_not_null() -> None:
    _, claims = split(issue(replace(FOREVER, updates_until=None, device_key=None)))
    assert [name for name in CLAIMS_IN_ORDER if name not in claims] == ["exp", "cnf"]
    assert claims["lic"] == {"kind": "perpetual", "major": 5}


def test_jti_names_activation_time_and_key() -> None:
    kid = KEYS["online"].kid
    name = blake2b(f"act-77b0e1\0{BEGIN}\0{kid}".encode(), digest_size=16)
    assert split(issue())[1]["jti"] == base64url.encode(name)
    others = [replace(TERMS, activation_id="act-2"), replace(TERMS, issued_at=BEGIN + 1)]
    jtis = {split(token)[1]["jti"] for token in [issue(), issue(TERMS, "other"), *map(issue, others)]}
    assert len(jtis) == 4


def test_the_tag_is_keyed_over_kid_and_the_rest() -> None:
    payload = base64url.decode(issue().split(".")[1])
    rest, tag = re.fullmatch(rb'(.*),"tag":"([\w-]{22})"}', payload).groups()  # type: ignore[union-attr]
    message = KEYS["online"].kid.encode() + b"\0" + rest + b"}"
    assert base64url.decode(tag) == blake2b(message, digest_size=16, key=TAG_KEY)


PLAIN = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), min_size=1, max_size=20
)
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
DIGESTS = st.binary(min_size=16, max_size=16)
SECONDS = st.integers(0, 2**40)


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    begin = draw(st.integers(DAY, 2**40))
    return Terms(
        issuer=TERMS.issuer,
        license_id=draw(IDS),
        activation_id=draw(IDS),
        product=draw(PLAIN),
        issued_at=begin,
        expires_at=draw(st.none() | st.integers(begin + 1, begin + 30 * DAY)),
        renew_after=begin + draw(SECONDS),
        kind=draw(PLAIN),
        major=draw(SECONDS),
        updates_until=draw(st.none() | SECONDS),
        salt=draw(DIGESTS),
        policy=draw(PLAIN),
        components=draw(
            st.dictionaries(
                PLAIN, st.lists(DIGESTS, min_size=1, max_size=8).map(tuple), min_size=1, max_size=7
            )
        ),
        device_key=draw(st.none() | st.just(KEYS["other"].public_key)),
        moves=draw(SECONDS),
    )


EVER = issue_delegation(KEYS["root_current"], KEYS["online"].public_key, 0, 2**50, 30 * DAY, True).token


@given(all_terms())
def test_what_is_issued_verifies_and_says_the_same(terms: Terms) -> None:
    token = issue(terms)
    assert verify_certificate(token, EVER, ROOTS, product=terms.product, now=terms.issued_at) == terms
    assert recognise(token, TAG_KEY, KIDS) == terms
    assert parse_terms(split(token)[1]) == terms


@given(all_terms())
def test_the_same_terms_give_the_same_bytes(terms: Terms) -> None:
    turned = replace(terms, components=dict(reversed(list(terms.components.items()))))
    again = Issuer(KEYS["online"], "".join(terms.issuer), bytes(TAG_KEY))
    assert issue(terms) == issue(turned) == again.issue(terms)


@given(all_terms(), all_terms())
def test_other_terms_give_other_bytes(one: Terms, other: Terms) -> None:
    assert (issue(one) == issue(other)) == (one == other)


def test_the_issuer_tells_its_key() -> None:
    assert Issuer(KEYS["online"], "x", TAG_KEY).kid == KEYS["online"].kid


@pytest.mark.parametrize(
    "change",
    [
        {"license_id": ""},
        {"license_id": 'a"b'},
        {"license_id": "a b"},
        {"activation_id": "a\n"},
        {"activation_id": "é"},
        {"product": ""},
        {"product": 'a","aud":"b'},
        {"product": "a\\"},
        {"product": "a\n"},
        {"product": "é"},
        {"kind": "\x7f"},
        {"policy": '"'},
        {"issued_at": DAY - 1},
        {"issued_at": BEGIN + 7 * DAY + 1},
        {"issued_at": float(BEGIN)},
        {"renew_after": 2**53},
        {"expires_at": BEGIN},
        {"expires_at": 2**53},
        {"major": -1},
        {"major": 2**53},
        {"moves": -1},
        {"moves": 2**53},
        {"moves": 1.0},
        {"updates_until": -1},
        {"updates_until": 2**53},
        {"salt": b"s" * 15},
        {"components": {}},
        {"components": {"mac": ()}},
        {"components": {"mac": (b"m" * 15, b"m" * 17)}},
        {"components": {'a"': (b"m" * 16,)}},
        {"components": {"": (b"m" * 16,)}},
        {"device_key": b"k" * 31},
    ],
    ids=lambda change: repr(change)[1:40],
)
def test_terms_that_no_verifier_would_take_are_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError but none of the verifier's
        issue(replace(TERMS, **change))


def test_an_issuer_signs_in_no_other_name() -> None:
    issuer = Issuer(KEYS["online"], "https://other.example", TAG_KEY)
    with pytest.raises(ValueError, match="another issuer"):
        issuer.issue(TERMS)


def test_an_issuer_needs_a_plain_name() -> None:
    with pytest.raises(ValueError, match="plain"):
        Issuer(KEYS["online"], 'https://"', TAG_KEY)
