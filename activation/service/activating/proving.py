"""A proof as it came over the wire, for the rules to weigh (D6)."""

import hashlib
from functools import cache
from typing import Final

from activation.licensing.attempts import Proof
from crypto.errors import CertificateError
from crypto.proofs import verify_proof

_HASH_BYTES: Final = 16


def read_proof(proof: str, certificate: str) -> Proof:
    """Return what a renewal shows of its device's key; nothing is verified until the rules ask for it.

    Under which key it must hold stands in the stored facts, and is known only once they are read.
    """

    @cache  # a batch that lost a race is decided again: the signature stays what it was
    def counter_under(public_key: bytes) -> int | None:
        try:
            return verify_proof(proof, public_key, certificate).counter
        except CertificateError:
            return None

    return Proof(hashlib.blake2b(proof.encode(), digest_size=_HASH_BYTES).digest(), counter_under)
