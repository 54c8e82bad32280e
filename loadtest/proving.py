"""Proof that answers were what they should be: certificates that verify, counts that agree."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from activation.messages.answers import ActivationAnswer
from crypto.terms import Terms
from crypto.verifying import verify_certificate
from loadtest.loading import LoadError

ONE_IN: Final = 200
ANSWER: Final = msgspec.json.Decoder(ActivationAnswer)


def read_answer(status: int, body: bytes, expected: int) -> ActivationAnswer:
    """Return the answer; raise LoadError for another status."""
    if status != expected:
        raise LoadError(f"status {status} instead of {expected}: {body[:300]!r}")
    return ANSWER.decode(body)


def prove(answer: ActivationAnswer, roots: Sequence[bytes], product: str) -> Terms:
    """Verify an answer's certificate as a softphone does; return its terms. Raises CertificateError."""
    terms = verify_certificate(
        answer.certificate, answer.delegation, roots, product=product, now=int(time.time())
    )
    if (terms.license_id, terms.activation_id) != (answer.license_id, answer.activation_id):
        raise LoadError("the certificate is for another licence or activation than its answer")
    return terms


def prove_sample(answers: Sequence[ActivationAnswer], roots: Sequence[bytes], product: str) -> int:
    """Verify one certificate in ONE_IN; return how many those were."""
    sample = answers[::ONE_IN]
    for answer in sample:
        prove(answer, roots, product)
    return len(sample)
