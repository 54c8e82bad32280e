"""proofs.json and revocations.json: what a device's key signs, and the list of what is no longer believed."""

from collections.abc import Iterator
from typing import Any

from sample_certificates import BEGIN, DAY, HOUR, KEYS, OFFLINE, ONLINE, ROOTS, dump, forge, issue, split
from writing import Build, Case, subject

from crypto import base64url, proofs, revocations

DEVICE, CERTIFICATE = KEYS["other"], issue()
PROOF = proofs.make_proof(DEVICE, CERTIFICATE, 7, BEGIN + DAY)
PROOF_HEADER, PROOF_CLAIMS = split(PROOF)

KIDS = sorted(KEYS[name].kid for name in ("root_foreign", "other"))
JTIS = sorted(base64url.encode(bytes([number]) * 16) for number in (1, 2, 3))
LISTED = revocations.issue_revocations(
    KEYS["online"], "https://licences.example", BEGIN + 1234, {KIDS[0]: "leaked", KIDS[1]: "rotated"}, JTIS
)
LIST_HEADER, LIST = split(LISTED)


def _proof(name: str, token: str, reason: str | None, **other: Any) -> Case:
    return {
        "name": name,
        "proof": token,
        "public_key": base64url.encode(other.get("key", DEVICE).public_key),
        "certificate": other.get("certificate", CERTIFICATE),
        "reason": reason,
        "counter": other.get("counter", 7) if reason is None else None,
    }


def proof_cases() -> Iterator[Case]:
    yield _proof("the seventh", PROOF, None)
    first = proofs.make_proof(DEVICE, CERTIFICATE, 1, 0)
    yield _proof("the first, on a clock that was never set", first, None, counter=1)
    last = proofs.make_proof(DEVICE, CERTIFICATE, 2**53 - 1, BEGIN)
    yield _proof("the last that there can be", last, None, counter=2**53 - 1)
    shuffled = forge(PROOF_HEADER, dict(reversed(PROOF_CLAIMS.items())), "other")
    yield _proof("claims in another order", shuffled, None)
    yield _proof("another key", PROOF, "key", key=KEYS["online"])
    by_another = forge(PROOF_HEADER, PROOF_CLAIMS, "online")
    yield _proof("named after the device's key, signed by another", by_another, "signature")
    flipped = PROOF[:-3] + ("A" if PROOF[-3] != "A" else "B") + PROOF[-2:]
    yield _proof("a bit of the signature flipped", flipped, "signature")
    yield _proof("over another certificate", PROOF, "certificate", certificate=issue(key="offline"))
    yield _proof("a certificate", CERTIFICATE, "wrong_type")
    yield _proof("empty", "", "malformed")
    for name, claims in [
        ("counter zero", PROOF_CLAIMS | {"ctr": 0}),
        ("counter negative", PROOF_CLAIMS | {"ctr": -1}),
        ("counter too large", PROOF_CLAIMS | {"ctr": 2**53}),
        ("counter a string", PROOF_CLAIMS | {"ctr": "7"}),
        ("counter true", PROOF_CLAIMS | {"ctr": True}),
        ("counter a fraction", PROOF_CLAIMS | {"ctr": 7.0}),
        ("iat negative", PROOF_CLAIMS | {"iat": -1}),
        ("iat null", PROOF_CLAIMS | {"iat": None}),
        ("cth a number", PROOF_CLAIMS | {"cth": 1}),
        ("no cth", {key: value for key, value in PROOF_CLAIMS.items() if key != "cth"}),
        ("one claim more", PROOF_CLAIMS | {"aud": "us"}),
        ("counter twice", dump(PROOF_CLAIMS)[:-1] + b',"ctr":8}'),
        ("a list", list(PROOF_CLAIMS)),
    ]:
        yield _proof(f"malformed: {name}", forge(PROOF_HEADER, claims, "other"), "malformed")
    yield _proof(
        "cth with padding",
        forge(PROOF_HEADER, PROOF_CLAIMS | {"cth": PROOF_CLAIMS["cth"] + "="}, "other"),
        "certificate",
    )


def _list(name: str, token: str, reason: str | None, **other: Any) -> Case:
    claims = split(token)[1] if reason is None else {}
    return {
        "name": name,
        "revocations": token,
        "delegation": other.get("delegation", ONLINE),
        "roots": [base64url.encode(root) for root in other.get("roots", ROOTS)],
        "now": other.get("now", BEGIN + HOUR),
        "leaked": other.get("leaked", []),
        "reason": reason,
        **{claim: claims[claim] for claim in ("iat", "exp", "keys", "certificates") if claims},
    }


def revocation_cases() -> Iterator[Case]:
    yield _list("two keys, three certificates", LISTED, None)
    nothing = revocations.issue_revocations(KEYS["online"], "https://licences.example", BEGIN, {}, [])
    yield _list("nothing revoked", nothing, None)
    yield _list("first second", LISTED, None, now=BEGIN)
    yield _list("clock a day slow", LISTED, None, now=BEGIN - DAY)
    yield _list("last second", LISTED, None, now=BEGIN + 7 * DAY - 1)
    yield _list("long kept, time not asked", LISTED, None, now=None)
    yield _list("another key known as leaked", LISTED, None, leaked=[KIDS[0]])
    yield _list("clock more than a day slow", LISTED, "not_yet_valid", now=BEGIN - DAY - 1)
    yield _list("out of date", LISTED, "expired", now=BEGIN + 7 * DAY)
    yield _list("its key known as leaked", LISTED, "retired", leaked=[KEYS["online"].kid])
    late = {"now": BEGIN + 7 * DAY, "leaked": [KEYS["online"].kid]}
    yield _list("out of date, its key known as leaked", LISTED, "retired", **late)
    itself = [{"kid": KEYS["online"].kid, "why": "leaked"}]
    yield _list("names its own key as leaked", forge(LIST_HEADER, LIST | {"keys": itself}), "retired")
    yield _list("another root held", LISTED, "unknown_root", roots=[KEYS["root_foreign"].public_key])
    yield _list("another key's delegation", LISTED, "not_delegated", delegation=OFFLINE)
    by_offline = forge(LIST_HEADER | {"kid": KEYS["offline"].kid}, LIST, "offline")
    yield _list("under a key for offline use", by_offline, "not_delegated", delegation=OFFLINE)
    yield _list("signed by another key", forge(LIST_HEADER, LIST, "offline"), "signature")
    yield _list("a certificate", CERTIFICATE, "wrong_type")
    early = LIST | {"iat": BEGIN - 31 * DAY, "exp": BEGIN - 25 * DAY}
    yield _list(
        "issued before the delegation", forge(LIST_HEADER, early), "not_delegated", now=BEGIN - 30 * DAY
    )
    yield _list("lasts longer than a week", forge(LIST_HEADER, LIST | {"exp": BEGIN + 7 * DAY + 1}), "ttl")
    yield _list("lasts no time", forge(LIST_HEADER, LIST | {"exp": BEGIN}), "ttl")
    one = {"kid": KIDS[0], "why": "leaked"}
    for name, claims in [
        ("keys not sorted", LIST | {"keys": LIST["keys"][::-1]}),
        ("a key twice", LIST | {"keys": [one, one]}),
        ("a reason that there is not", LIST | {"keys": [one | {"why": "lost"}]}),
        ("a short kid", LIST | {"keys": [one | {"kid": "AAAA"}]}),
        ("a key with one member more", LIST | {"keys": [one | {"at": 1}]}),
        ("certificates not sorted", LIST | {"certificates": JTIS[::-1]}),
        ("a certificate twice", LIST | {"certificates": [JTIS[0], JTIS[0]]}),
        ("a certificate a number", LIST | {"certificates": [1]}),
        ("a short jti", LIST | {"certificates": ["AAAA"]}),
        ("no certificates", {key: value for key, value in LIST.items() if key != "certificates"}),
        ("certificates null", LIST | {"certificates": None}),
        ("iss empty", LIST | {"iss": ""}),
        ("iat a string", LIST | {"iat": "1"}),
        ("exp true", LIST | {"exp": True}),
        ("one claim more", LIST | {"sub": "x"}),
    ]:
        yield _list(f"malformed: {name}", forge(LIST_HEADER, claims), "malformed")


FILES: dict[str, Build] = {
    "proofs.json": lambda: subject(
        "Proofs (JWS, license-proof+jwt) by the device's public key over a certificate; reason null: it "
        "holds and counter is its `ctr`.",
        proof_cases(),
    ),
    "revocations.json": lambda: subject(
        "Lists of revocations (JWS, license-revocations+jwt) with delegation, roots, the time (null: not "
        "asked) and the keys that the verifier knows as leaked.",
        revocation_cases(),
    ),
}
