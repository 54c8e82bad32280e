"""docs/protocol.md tells all that the code knows of codes, reasons, policies, parts and files."""

import json
import re
from pathlib import Path

import pytest
from writing import FOLDER

from activation.licensing.devices import normalising
from activation.licensing.devices.kinds import KINDS
from activation.licensing.devices.policies import POLICIES, Policy
from activation.messages.offline_files import CERTIFICATE, CERTIFICATE_ENDING, REQUEST, REQUEST_ENDING
from activation.messages.problems import SHAPES
from crypto import delegations, proofs, recognising, revocations

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
ROWS = {tuple(cell.strip() for cell in line.split("|")[1:4]) for line in PAGE.splitlines() if "|" in line}


@pytest.mark.parametrize("code", SHAPES, ids=str)
def test_every_refusal_is_told_with_its_status(code: str) -> None:
    shape = SHAPES[code]
    assert (str(shape.status), f"`{code}`", shape.zdk_status) in ROWS


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.label)
def test_every_policy_is_told_with_its_weights(policy: Policy) -> None:
    weights = ", ".join(f"{kind} {weight}" for kind, weight in policy.weights.items())
    told = [row for row in ROWS if row[:2] == (f"`{policy.label}`", weights)]
    assert len(told) == 1
    if not policy.required:
        assert f"{policy.numerator}/{policy.denominator}" in told[0][2]


def test_every_reason_of_the_vectors_is_told() -> None:
    reasons = {
        case.get("reason") or case.get("why")
        for path in FOLDER.glob("*.json")
        for case in json.loads(path.read_text("ascii")).get("cases", [])
    } - {None, "armour", "seal", "contents"}
    plain = {"unknown kind", "more than one value", "more than 16 values", normalising.EMPTY}
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} <= plain


def test_every_file_kind_and_type_is_told() -> None:
    for path in FOLDER.glob("*.json"):
        assert f"`{path.name}`" in PAGE
    for kind in KINDS:
        assert f"| `{kind}` |" in PAGE
    for module in (delegations, proofs, recognising, revocations):
        assert f"`{module.TYP}`" in PAGE
    for word in (REQUEST, REQUEST_ENDING, CERTIFICATE, CERTIFICATE_ENDING):
        assert f"`{word}`" in PAGE


def test_every_link_inside_the_page_leads_somewhere() -> None:
    headings = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in PAGE.splitlines() if line.startswith("#")}  # fmt: skip
    assert {target for target in re.findall(r"\]\(#([^)]+)\)", PAGE) if target not in headings} == set()
