"""Whom changed tokens are shown to: the verifiers of every kind of token that there is."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "vectors"), str(Path(__file__).parents[2])]

from sample_certificates import (  # noqa: E402
    BEGIN,
    DAY,
    FOREVER,
    KEYS,
    OFFLINE,
    ONLINE,
    PRODUCT,
    ROOTS,
    TAG_KEY,
    TERMS,
    issue,
)

from crypto.certificates import recognise, verify_certificate  # noqa: E402
from crypto.delegations import issue_delegation, verify_delegation  # noqa: E402
from crypto.proofs import make_proof, verify_proof  # noqa: E402
from crypto.revocations import issue_revocations, verify_revocations  # noqa: E402

NOW = BEGIN + DAY
CERTIFICATE = issue()
CERTIFICATES = (
    CERTIFICATE,
    issue(replace(TERMS, license_id="lic-other", activation_id="act-other", moves=0)),
    issue(replace(TERMS, issued_at=BEGIN - DAY, expires_at=BEGIN + DAY)),
    issue(replace(TERMS, product="zoiper-biz")),
    issue(FOREVER, "offline"),
    issue(TERMS, "other"),
)
PROOF = make_proof(KEYS["other"], CERTIFICATE, 7, BEGIN)
PROOFS = (PROOF, make_proof(KEYS["other"], CERTIFICATES[1], 8, BEGIN))
REVOCATIONS = issue_revocations(
    KEYS["online"], TERMS.issuer, BEGIN, {KEYS["other"].kid: "leaked"}, ["A" * 22, "B" * 21 + "A"]
)
FOREIGN = issue_delegation(
    KEYS["root_foreign"], KEYS["online"].public_key, BEGIN - DAY, BEGIN + DAY, DAY, True
).token
OTHERS = (*CERTIFICATES, *PROOFS, REVOCATIONS, ONLINE, OFFLINE, FOREIGN)


@dataclass(frozen=True)
class Target:
    """A verifier of tokens; `verify` returns something for a token that it believes, else raises or None."""

    name: str
    token: str
    verify: Callable[[str], object]
    whole: bool = True
    """Whether the signature is part of what is believed: the tag covers only what stands before it."""

    def is_genuine(self, token: str) -> bool:
        """Tell whether it was right to believe it, for nobody but ourselves has made it."""
        if self.whole:
            return token in OTHERS
        return token.rpartition(".")[0] in {other.rpartition(".")[0] for other in OTHERS}


TARGETS = (
    Target(
        "certificate",
        CERTIFICATE,
        lambda token: verify_certificate(token, ONLINE, ROOTS, product=PRODUCT, now=NOW),
    ),
    Target(
        "certificate, under a delegation",
        ONLINE,
        lambda token: verify_certificate(CERTIFICATE, token, ROOTS, product=PRODUCT, now=NOW),
    ),
    Target("delegation", ONLINE, lambda token: verify_delegation(token, ROOTS)),
    Target(
        "certificate, by its tag",
        CERTIFICATE,
        lambda token: recognise(token, TAG_KEY, {KEYS["online"].kid}),
        whole=False,
    ),
    Target("proof", PROOF, lambda token: verify_proof(token, KEYS["other"].public_key, CERTIFICATE)),
    Target("revocations", REVOCATIONS, lambda token: verify_revocations(token, ONLINE, ROOTS, now=NOW)),
)
