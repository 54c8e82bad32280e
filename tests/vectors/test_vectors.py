"""All vectors, run through the public functions that softphones and the server use."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import make_offline
import make_vectors
import pytest
from writing import FOLDER

from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.devices.fingerprints import identify
from activation.licensing.devices.matching import compare
from activation.licensing.devices.normalising import examine
from activation.licensing.devices.policies import UnknownPolicyError
from activation.messages.offline_files import (
    parse_request,
    read_certificate_file,
    read_request_file,
    write_request,
)
from activation.messages.strict import MalformedError
from crypto import base64url, strict_json
from crypto.delegations import verify_delegation
from crypto.errors import CertificateError
from crypto.proofs import verify_proof
from crypto.revocations import verify_revocations
from crypto.sealing import SealError, SealingKey
from crypto.signing import SigningKey, parse_public_jwk, thumbprint, verify_signature

Case = dict[str, Any]

SEALING_KEY = SealingKey(make_offline.SECRET)


def raises(error: type[Exception], call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(error) as caught:
        call(*arguments)
    return getattr(caught.value, "reason", "")


def run_keys(case: Case) -> None:
    if case["kid"] is None:
        raises(ValueError, parse_public_jwk, case["jwk"])
        return
    public = parse_public_jwk(case["jwk"])
    assert thumbprint(public) == case["kid"]
    if "seed" in case:
        assert SigningKey.from_seed(base64url.decode(case["seed"])).public_key == public


def run_signatures(case: Case) -> None:
    parts = [base64url.decode(case[part]) for part in ("public_key", "message", "signature")]
    assert verify_signature(*parts) is case["good"]


def run_base64url(case: Case) -> None:
    if case["hex"] is None:
        raises(ValueError, base64url.decode, case["text"])
        return
    assert base64url.decode(case["text"]).hex() == case["hex"]
    assert base64url.encode(bytes.fromhex(case["hex"])) == case["text"]


def run_strict_json(case: Case) -> None:
    data = base64url.decode(case["json"])
    if case["good"]:
        assert strict_json.loads(data) == json.loads(data)
    else:
        raises(ValueError, strict_json.loads, data)


def run_normalisation(case: Case) -> None:
    text, why = examine(case["kind"], case["value"])
    assert (text, why or None) == (case["text"], case["why"])


def run_fingerprints(case: Case) -> None:
    found = identify(case["components"], install_id_allowed=case["install_id_allowed"])
    assert [(kind, list(values)) for kind, values in found.parts] == list(case["parts"].items())
    assert [list(pair) for pair in found.ignored] == case["ignored"]
    assert found.identifiable is case["identifiable"]


def run_matching(case: Case) -> None:
    enrolled, presented = (
        {kind: tuple(map(base64url.decode, digests)) for kind, digests in case[side].items()}
        for side in ("enrolled", "presented")
    )
    enrolment = Enrolment(case["policy"], enrolled)
    if case["same"] is None:
        raises(UnknownPolicyError, compare, enrolment, presented)
        return
    compared = compare(enrolment, presented)
    assert compared.same is case["same"]
    for part in ("agreed", "differing", "missing", "added"):
        assert list(getattr(compared, part)) == case[part], part


def run_delegations(case: Case) -> None:
    roots = [base64url.decode(root) for root in case["roots"]]
    if case["reason"] is not None:
        assert raises(CertificateError, verify_delegation, case["delegation"], roots) == case["reason"]
        return
    told = verify_delegation(case["delegation"], roots)
    assert (told.kid, told.not_before, told.expires_at) == (case["kid"], case["nbf"], case["exp"])
    assert (told.max_ttl, told.offline) == (case["max_ttl"], case["offline"])


def run_proofs(case: Case) -> None:
    call = case["proof"], base64url.decode(case["public_key"]), case["certificate"]
    if case["reason"] is None:
        assert verify_proof(*call).counter == case["counter"]
    else:
        assert raises(CertificateError, verify_proof, *call) == case["reason"]


def run_revocations(case: Case) -> None:
    roots = [base64url.decode(root) for root in case["roots"]]
    call = partial(verify_revocations, now=case["now"], leaked=case["leaked"])
    if case["reason"] is not None:
        assert (
            raises(CertificateError, call, case["revocations"], case["delegation"], roots) == case["reason"]
        )
        return
    told = call(case["revocations"], case["delegation"], roots)
    assert [{"kid": kid, "why": why} for kid, why in told.keys.items()] == case["keys"]
    assert sorted(told.certificates) == case["certificates"]
    assert (told.issued_at, told.expires_at) == (case["iat"], case["exp"])


def run_requests(case: Case) -> None:
    file = base64url.decode(case["file"])
    if case["reason"] == "armour":
        raises(MalformedError, read_request_file, file)
        return
    sealed = read_request_file(file)
    if case["reason"] == "seal":
        raises(SealError, SEALING_KEY.open, sealed)
        return
    opened = SEALING_KEY.open(sealed)
    if case["reason"] == "contents":
        raises(MalformedError, parse_request, opened)
        return
    assert json.loads(write_request(parse_request(opened))) == case["request"]


def run_certificate_files(case: Case) -> None:
    file = base64url.decode(case["file"])
    if case["reason"] is not None:
        raises(MalformedError, read_certificate_file, file)
        return
    answer = read_certificate_file(file)
    assert (answer.certificate, answer.delegation) == (case["certificate"], case["delegation"])


RUNNERS: dict[str, Callable[[Case], None]] = {
    "keys.json": run_keys,
    "signatures.json": run_signatures,
    "base64url.json": run_base64url,
    "strict_json.json": run_strict_json,
    "normalisation.json": run_normalisation,
    "fingerprints.json": run_fingerprints,
    "matching.json": run_matching,
    "delegations.json": run_delegations,
    "proofs.json": run_proofs,
    "revocations.json": run_revocations,
    "offline_requests.json": run_requests,
    "offline_certificates.json": run_certificate_files,
}
# Run where the code that they are about is tested.
ELSEWHERE = {"certificates.json", "digests.json", "rfc8032.json"}


def load(name: str) -> list[Case]:
    cases: list[Case] = json.loads((FOLDER / name).read_text("ascii"))["cases"]
    return cases


def all_cases() -> Iterator[Any]:
    for name in RUNNERS:
        for case in load(name):
            yield pytest.param(name, case, id=f"{name}: {case['name']}")


@pytest.mark.parametrize(("name", "case"), list(all_cases()))
def test_vector(name: str, case: Case) -> None:
    RUNNERS[name](case)


@pytest.mark.parametrize(("name", "text"), list(make_vectors.all_files()), ids=lambda value: value[:24])
def test_the_file_is_what_its_script_writes(name: str, text: str) -> None:
    assert (FOLDER / name).read_text("ascii") == text


def test_every_file_is_run() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(RUNNERS) | ELSEWHERE


def test_there_are_enough_of_them() -> None:
    assert sum(len(load(name)) for name in [*RUNNERS, "certificates.json"]) >= 400
