"""Certificates and delegations, verified by libraries that are not ours: all good vectors pass in each, and
each refuses every bad vector that its checks cover.

| verifier | form | signature | alg | kid | kid given | typ | exp, nbf, aud |
| --- | --- | --- | --- | --- | --- | --- | --- |
| the openssl command | | yes | | | | | |
| joserfc | yes | yes | yes | yes | | | yes |
| PyJWT | yes | yes | yes | yes | yes | | yes |
| jose (npm) | yes | yes | yes | yes | | yes | yes |

"kid given": a token that names no key is refused even where there is but one. What no general library knows
(max_ttl, a key's time, claims of our own, JSON that says a thing twice) our own verifiers alone refuse.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from outside_cases import Case, read_cases
from outside_verifiers import verify_by_joserfc, verify_by_openssl, verify_by_pyjwt

# RFC 9864 prefers "Ed25519" to the older "EdDSA"; ours has to stay what clients in the field know.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

HERE = Path(__file__).parent
CASES = read_cases()
CLAIMS = {"exp", "nbf", "aud"}
CHECKS = {
    "openssl": {"signature"},
    "joserfc": {"form", "signature", "alg", "kid", *CLAIMS},
    "pyjwt": {"form", "signature", "alg", "kid", "kid given", *CLAIMS},
    "jose": {"form", "signature", "alg", "kid", "typ", *CLAIMS},
}
NODE = 20
"""jose asks for what Node has since this version."""


def test_every_check_has_a_vector() -> None:
    assert {case.check for case in CASES} - {None} == set().union(*CHECKS.values())


def covered(verifier: str) -> list[Case]:
    """Return the good cases and the bad ones that this verifier's checks are to find."""
    return [case for case in CASES if case.good or case.check in CHECKS[verifier]]


@pytest.mark.parametrize("case", covered("joserfc"), ids=lambda case: case.name)
def test_by_joserfc(case: Case) -> None:
    expect(case, verify_by_joserfc)


@pytest.mark.parametrize("case", covered("pyjwt"), ids=lambda case: case.name)
def test_by_pyjwt(case: Case) -> None:
    expect(case, verify_by_pyjwt)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT TESTED: no openssl command here")
@pytest.mark.parametrize("case", covered("openssl"), ids=lambda case: case.name)
def test_by_the_openssl_command(case: Case, tmp_path: Path) -> None:
    expect(case, lambda asked: verify_by_openssl(asked, tmp_path))


def expect(case: Case, verify: Callable[[Case], str]) -> None:
    if case.good:
        assert verify(case).startswith("lic")
        return
    # Each library has errors of its own, and a key that is not in the set is a KeyError in one.
    with pytest.raises(Exception):  # noqa: B017, PT011
        verify(case)


@pytest.fixture(scope="module")
def jose_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("NOT TESTED: no node or npm here")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < NODE:
        pytest.skip(f"NOT TESTED: node {version.strip()} is older than {NODE}")
    folder = tmp_path_factory.mktemp("jose")
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if "EINTEGRITY" in done.stderr:
        pytest.fail("the package is another than the one in the lock")
    if done.returncode:
        pytest.skip("NOT TESTED: npm reaches no registry")
    return folder


def test_by_jose_of_npm(jose_folder: Path) -> None:
    cases = covered("jose")
    asked = json.dumps([{**asdict(case), "roots": {"keys": case.roots}} for case in cases])
    command = ["node", "verify.mjs"]
    done = subprocess.run(command, cwd=jose_folder, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for case, verdict in zip(cases, json.loads(done.stdout), strict=True):
        answered = verdict.get("subject", "").startswith("lic") if case.good else "refused" in verdict
        assert answered, (case.name, verdict)
