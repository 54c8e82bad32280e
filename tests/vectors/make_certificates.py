"""Write certificates.json: certificates good and bad, with what a verifier must say of each.

Deterministic: keys come from fixed seeds, and Ed25519 signatures have no randomness. Run it as
`python tests/vectors/make_certificates.py`; a test holds the file equal to its output.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sample_certificates import (
    BEGIN,
    DAY,
    FOREVER,
    KEYS,
    OFFLINE,
    ONLINE,
    PRODUCT,
    ROOTS,
    SEEDS,
    TERMS,
    dump,
    forge,
    issue,
    split,
)

from crypto import base64url
from crypto.delegations import issue_delegation
from crypto.signing import public_jwk

FILE = Path(__file__).with_name("certificates.json")

Case = dict[str, Any]

HEADER, CLAIMS = split(issue())
DELEGATION_HEADER, DELEGATION_CLAIMS = split(ONLINE)


def case(name: str, reason: str | None, certificate: str | None = None, **other: Any) -> Case:
    """`reason` None: the certificate is good."""
    return {
        "name": name,
        "certificate": issue() if certificate is None else certificate,
        "delegation": other.get("delegation", ONLINE),
        "roots": [base64url.encode(root) for root in other.get("roots", ROOTS)],
        "product": other.get("product", PRODUCT),
        "now": other.get("now", BEGIN + DAY),
        "ok": reason is None,
        "reason": reason,
    }


def without(claims: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in names}


def within(outer: str, **members: Any) -> dict[str, Any]:
    return CLAIMS | {outer: CLAIMS[outer] | members}


def good() -> Iterator[Case]:
    yield case("online certificate", None)
    yield case("first second of nbf", None, now=BEGIN - DAY)
    yield case("last second before exp", None, now=BEGIN + 30 * DAY - 1)
    yield case("expired, times not asked", None, now=None)
    yield case("product not asked", None, product=None)
    yield case("only one root held", None, roots=ROOTS[:1])
    yield case("offline for ever", None, issue(FOREVER, "offline"), delegation=OFFLINE, now=4_000_000_000)
    yield case("offline with an end", None, issue(TERMS, "offline"), delegation=OFFLINE)
    yield case("no device key", None, issue(replace(TERMS, device_key=None)))
    yield case("no term for updates", None, issue(replace(TERMS, updates_until=None)))
    yield case("header members in another order", None, forge(dict(reversed(HEADER.items())), CLAIMS))
    yield case("unknown extra claim", None, forge(HEADER, CLAIMS | {"new": {"x": [1]}}))
    yield case("no tag", None, forge(HEADER, without(CLAIMS, "tag")))
    yield case("white space between claims", None, forge(HEADER, json.dumps(CLAIMS, indent=2).encode()))
    first = replace(TERMS, issued_at=BEGIN - 30 * DAY, renew_after=BEGIN, expires_at=BEGIN)
    yield case("issued in the delegation's first second", None, issue(first), now=BEGIN - 1)


def bad_headers() -> Iterator[Case]:
    for name, reason, header in [
        ("alg none", "malformed", HEADER | {"alg": "none"}),
        ("alg HS256", "malformed", HEADER | {"alg": "HS256"}),
        ("alg in lower case", "malformed", HEADER | {"alg": "eddsa"}),
        ("alg missing", "malformed", without(HEADER, "alg")),
        ("typ of a delegation", "wrong_type", HEADER | {"typ": "license-key+jwt"}),
        ("typ JWT", "wrong_type", HEADER | {"typ": "JWT"}),
        ("typ missing", "malformed", without(HEADER, "typ")),
        ("kid missing", "malformed", without(HEADER, "kid")),
        ("kid a number", "malformed", HEADER | {"kid": 7}),
        ("kid of another key", "not_delegated", HEADER | {"kid": KEYS["other"].kid}),
        ("kid empty", "not_delegated", HEADER | {"kid": ""}),
        ("header brings its own key", "malformed", HEADER | {"jwk": public_jwk(KEYS["online"].public_key)}),
        ("header with crit", "malformed", HEADER | {"crit": []}),
        ("header an array", "malformed", list(HEADER)),
        ("header with a member twice", "malformed", dump(HEADER)[:-1] + b',"alg":"EdDSA"}'),
        ("header not JSON", "malformed", b"EdDSA"),
    ]:
        yield case(name, reason, forge(header, CLAIMS))
    unsigned = forge(HEADER | {"alg": "none"}, CLAIMS).rpartition(".")[0]
    yield case("alg none, empty signature", "malformed", unsigned + ".")


def bad_texts() -> Iterator[Case]:
    token = issue()
    header, payload, signature = token.split(".")
    # 64 bytes leave four unused bits in the last character: one more spells the same bytes.
    spelt_otherwise = signature[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[-1]]
    for name, text in [
        ("empty", ""),
        ("two parts", f"{header}.{payload}"),
        ("four parts", f"{token}.{signature}"),
        ("trailing full stop", f"{token}."),
        ("trailing newline", f"{token}\n"),
        ("leading blank", f" {token}"),
        ("padded signature", f"{token}=="),
        ("trailing bits not zero", f"{header}.{payload}.{spelt_otherwise}"),
        ("plain base64 alphabet", f"{header}.{payload}.{'+' + signature[1:]}"),
        ("signature one byte short", f"{header}.{payload}.{base64url.encode(b's' * 63)}"),
        ("signature one byte long", f"{header}.{payload}.{base64url.encode(b's' * 65)}"),
        ("longer than 16 KiB", forge(HEADER, CLAIMS | {"pad": "x" * 16_384})),
        ("not ASCII", token[:-1] + "é"),
    ]:
        yield case(name, "malformed", text)


def bad_signatures() -> Iterator[Case]:
    header, payload, signature = issue().split(".")
    flipped = bytearray(base64url.decode(signature))
    flipped[10] ^= 1
    yield case("signature bit flipped", "signature", f"{header}.{payload}.{base64url.encode(bytes(flipped))}")
    moved = base64url.encode(dump(CLAIMS | {"exp": BEGIN + 31 * DAY}))
    yield case("claims changed after signing", "signature", f"{header}.{moved}.{signature}")
    yield case("signed by another key", "signature", forge(HEADER, CLAIMS, "other"))
    yield case("signature all zero", "signature", f"{header}.{payload}.{base64url.encode(bytes(64))}")
    number = int.from_bytes(base64url.decode(signature)[32:], "little")
    order = 2**252 + 27742317777372353535851937790883648493
    raised = base64url.decode(signature)[:32] + (number + order).to_bytes(32, "little")
    yield case("signature not reduced", "signature", f"{header}.{payload}.{base64url.encode(raised)}")


def bad_claims() -> Iterator[Case]:
    for name in ["iss", "sub", "act", "jti", "aud", "iat", "nbf", "rnw", "lic", "dev", "epc"]:
        yield case(f"{name} missing", "malformed", forge(HEADER, without(CLAIMS, name)))
    for name, claims in [
        ("iat a string", CLAIMS | {"iat": str(BEGIN)}),
        ("iat true", CLAIMS | {"iat": True}),
        ("iat a fraction", CLAIMS | {"iat": BEGIN + 0.5}),
        ("iat with a fraction of zero", CLAIMS | {"iat": float(BEGIN)}),
        ("iat negative", CLAIMS | {"iat": -1}),
        ("exp null", CLAIMS | {"exp": None}),
        ("exp beyond 2**53", CLAIMS | {"exp": 2**53}),
        ("aud a list", CLAIMS | {"aud": [PRODUCT]}),
        ("sub empty", CLAIMS | {"sub": ""}),
        ("epc a string", CLAIMS | {"epc": "1"}),
        ("lic a list", CLAIMS | {"lic": []}),
        ("lic without major", CLAIMS | {"lic": {"kind": "perpetual"}}),
        ("updates_until false", within("lic", updates_until=False)),
        ("salt missing", CLAIMS | {"dev": without(CLAIMS["dev"], "salt")}),
        ("salt short", within("dev", salt="AAAA")),
        ("policy a number", within("dev", policy=1)),
        ("components missing", CLAIMS | {"dev": without(CLAIMS["dev"], "components")}),
        ("no components", within("dev", components={})),
        ("component without digests", within("dev", components={"mac": []})),
        ("component not in a list", within("dev", components={"mac": "A" * 22})),
        ("digest a number", within("dev", components={"mac": [1]})),
        ("digest of 15 bytes", within("dev", components={"mac": ["A" * 20]})),
        ("digest's trailing bits not zero", within("dev", components={"mac": ["A" * 21 + "B"]})),
        ("cnf null", CLAIMS | {"cnf": None}),
        ("cnf without jwk", CLAIMS | {"cnf": {}}),
        ("cnf of another curve", CLAIMS | {"cnf": {"jwk": CLAIMS["cnf"]["jwk"] | {"crv": "X25519"}}}),
        ("cnf with a short key", CLAIMS | {"cnf": {"jwk": CLAIMS["cnf"]["jwk"] | {"x": "AAAA"}}}),
        ("claims a list", list(CLAIMS)),
        ("claims not JSON", b"{"),
        ("claims empty", b""),
        ("claims with data after them", dump(CLAIMS) + b"{}"),
        ("claim twice", dump(CLAIMS)[:-1] + b',"exp":4000000000}'),
        ("nested claim twice", dump(CLAIMS).replace(b'"major":5', b'"major":5,"major":6')),
        ("NaN", dump(CLAIMS)[:-1] + b',"new":NaN}'),
        ("NUL in a string", dump(CLAIMS | {"new": "a\0"})),
        ("lone surrogate", dump(CLAIMS)[:-1] + rb',"new":"\ud800"}'),
        ("too deep", dump(CLAIMS)[:-1] + b',"new":' + b"[" * 17 + b"]" * 17 + b"}"),
        ("not UTF-8", dump(CLAIMS)[:-1] + b',"new":"\xff"}'),
    ]:
        yield case(name, "malformed", forge(HEADER, claims))


def bad_terms() -> Iterator[Case]:
    yield case("at exp", "expired", now=BEGIN + 30 * DAY)
    yield case("long expired", "expired", now=BEGIN + 3650 * DAY)
    yield case("one second before nbf", "not_yet_valid", now=BEGIN - DAY - 1)
    yield case("another product", "product", product="zoiper-biz")
    yield case("product in another case", "product", product=PRODUCT.upper())
    yield case("one second beyond max_ttl", "ttl", issue(replace(TERMS, expires_at=BEGIN + 30 * DAY + 1)))
    yield case("no exp under an online delegation", "ttl", issue(FOREVER))
    long = issue(replace(TERMS, expires_at=BEGIN + 31 * DAY), "offline")
    yield case("beyond max_ttl, offline too", "ttl", long, delegation=OFFLINE)
    backdated = replace(TERMS, issued_at=BEGIN - 30 * DAY - 1, expires_at=BEGIN - DAY)
    yield case("issued before the delegation", "not_delegated", issue(backdated), now=BEGIN - 2 * DAY)
    late = replace(
        TERMS, issued_at=BEGIN + 60 * DAY, renew_after=BEGIN + 67 * DAY, expires_at=BEGIN + 90 * DAY
    )
    yield case("issued at the delegation's end", "not_delegated", issue(late), now=BEGIN + 60 * DAY)


def bad_delegations() -> Iterator[Case]:
    yield case("another key's delegation", "not_delegated", delegation=OFFLINE)
    yield case("roots unknown", "unknown_root", roots=[KEYS["root_foreign"].public_key])
    yield case("no roots", "unknown_root", roots=[])
    foreign = issue_delegation(
        KEYS["root_foreign"], KEYS["online"].public_key, BEGIN - DAY, BEGIN + DAY, DAY, True
    )
    yield case("delegated by a foreign root", "unknown_root", delegation=foreign.token)
    yield case("certificate in place of the delegation", "wrong_type", delegation=issue())
    yield case("delegation in place of the certificate", "wrong_type", ONLINE)
    yield case("delegation empty", "malformed", delegation="")
    by_itself = forge(DELEGATION_HEADER | {"kid": KEYS["online"].kid}, DELEGATION_CLAIMS)
    yield case("key delegates itself", "unknown_root", delegation=by_itself)
    pretended = forge(DELEGATION_HEADER, DELEGATION_CLAIMS)
    yield case("root's name, another signature", "signature", delegation=pretended)
    jwk = DELEGATION_CLAIMS["jwk"]
    for name, claims in [
        ("delegation with an extra claim", DELEGATION_CLAIMS | {"iat": BEGIN}),
        ("delegation without max_ttl", without(DELEGATION_CLAIMS, "max_ttl")),
        ("delegation for offline 1", DELEGATION_CLAIMS | {"offline": 1}),
        ("delegation with nbf true", DELEGATION_CLAIMS | {"nbf": True}),
        ("delegation with a fraction", DELEGATION_CLAIMS | {"max_ttl": 1.5}),
        ("delegation that ends before it begins", DELEGATION_CLAIMS | {"exp": BEGIN - 40 * DAY}),
        ("delegation of no time", DELEGATION_CLAIMS | {"max_ttl": 0}),
        ("delegation whose kid is not its jwk's", DELEGATION_CLAIMS | {"kid": KEYS["other"].kid}),
        ("delegation of an RSA key", DELEGATION_CLAIMS | {"jwk": jwk | {"kty": "RSA"}}),
        ("delegation without a key", DELEGATION_CLAIMS | {"jwk": None}),
        ("delegation with a claim twice", dump(DELEGATION_CLAIMS)[:-1] + b',"offline":true}'),
    ]:
        yield case(name, "malformed", delegation=forge(DELEGATION_HEADER, claims, "root_current"))


def build() -> dict[str, Any]:
    groups = [good, bad_headers, bad_texts, bad_signatures, bad_claims, bad_terms, bad_delegations]
    return {
        "about": "Certificates with their delegation, the roots' public keys that the verifier holds, the "
        "product and the time (seconds since 1970) it asks for; null: not asked. `reason` is the rule that "
        "fails, null where ok. Seeds and public keys in base64url.",
        "keys": {
            name: {
                "seed": base64url.encode(SEEDS[name]),
                "public_key": base64url.encode(key.public_key),
                "kid": key.kid,
            }
            for name, key in KEYS.items()
        },
        "cases": [entry for group in groups for entry in group()],
    }


def render() -> str:
    return json.dumps(build(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="ascii")
    sys.stdout.write(f"{len(build()['cases'])} cases in {FILE}\n")
