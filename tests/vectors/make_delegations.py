"""delegations.json: what a root says of a signing key, rightly and wrongly."""

from collections.abc import Iterator
from typing import Any

from sample_certificates import BEGIN, DAY, KEYS, OFFLINE, ONLINE, ROOTS, dump, forge, issue, split
from writing import Build, Case, subject

from crypto import base64url
from crypto.signing import public_jwk

HEADER, CLAIMS = split(ONLINE)


def _case(name: str, token: str, reason: str | None, roots: list[bytes] = ROOTS) -> Case:
    told = split(token)[1] if reason is None else {}
    return {
        "name": name,
        "delegation": token,
        "roots": [base64url.encode(root) for root in roots],
        "reason": reason,
        **{claim: told[claim] for claim in ("kid", "nbf", "exp", "max_ttl", "offline") if claim in told},
    }


def _signed(claims: Any, header: Any = HEADER, key: str = "root_current") -> str:
    return forge(header, claims, key)


def delegation_cases() -> Iterator[Case]:
    yield _case("by the current root, online", ONLINE, None)
    yield _case("by the next root, offline", OFFLINE, None)
    yield _case("with one root held", ONLINE, None, ROOTS[:1])
    yield _case("claims in another order", _signed(dict(reversed(CLAIMS.items()))), None)
    yield _case("from the beginning of time", _signed(CLAIMS | {"nbf": 0}), None)
    yield _case("of a second", _signed(CLAIMS | {"nbf": BEGIN, "exp": BEGIN + 1, "max_ttl": 1}), None)
    yield _case("jwk with more members", _signed(CLAIMS | {"jwk": CLAIMS["jwk"] | {"use": "sig"}}), None)
    yield _case("no roots held", ONLINE, "unknown_root", [])
    yield _case("another root held", ONLINE, "unknown_root", [KEYS["root_foreign"].public_key])
    yield _case("signed by the other root", _signed(CLAIMS, HEADER, "root_next"), "signature")
    flipped = ONLINE[:-3] + ("A" if ONLINE[-3] != "A" else "B") + ONLINE[-2:]
    yield _case("a bit of the signature flipped", flipped, "signature")
    yield _case("a certificate", issue(), "wrong_type")
    yield _case("typ in capitals", _signed(CLAIMS, HEADER | {"typ": "LICENSE-KEY+JWT"}), "wrong_type")
    yield _case("typ a list", _signed(CLAIMS, HEADER | {"typ": ["license-key+jwt"]}), "wrong_type")
    for name, claims in [
        ("no kid", {key: value for key, value in CLAIMS.items() if key != "kid"}),
        ("one claim more", CLAIMS | {"iss": "us"}),
        ("nbf a string", CLAIMS | {"nbf": "0"}),
        ("nbf negative", CLAIMS | {"nbf": -1}),
        ("exp at nbf", CLAIMS | {"exp": CLAIMS["nbf"]}),
        ("exp null", CLAIMS | {"exp": None}),
        ("exp a fraction", CLAIMS | {"exp": BEGIN + DAY + 0.5}),
        ("max_ttl zero", CLAIMS | {"max_ttl": 0}),
        ("max_ttl true", CLAIMS | {"max_ttl": True}),
        ("offline null", CLAIMS | {"offline": None}),
        ("offline a string", CLAIMS | {"offline": "false"}),
        ("kid of another key", CLAIMS | {"kid": KEYS["offline"].kid}),
        ("jwk of another key", CLAIMS | {"jwk": public_jwk(KEYS["offline"].public_key)}),
        ("jwk of another curve", CLAIMS | {"jwk": CLAIMS["jwk"] | {"crv": "Ed448"}}),
        ("a list", list(CLAIMS)),
        ("a claim twice", dump(CLAIMS)[:-1] + b',"offline":true}'),
    ]:
        yield _case(f"malformed: {name}", _signed(claims), "malformed")


FILES: dict[str, Build] = {
    "delegations.json": lambda: subject(
        "Delegations (JWS, license-key+jwt) and the roots' public keys that a verifier holds; reason null: "
        "it holds and says what stands beside it, else the rule that fails.",
        delegation_cases(),
    )
}
