"""Every refusal has its place on the wire, exactly as published."""

import json

import pytest

from activation.licensing.verdicts import Refusal
from activation.messages.problems import SHAPES, encode_problem

# docs/protocol.md, "Refusals". Clients rely on it: a line may be added, none may change.
PUBLISHED = """
400 malformed Unparsable
400 certificate_invalid FailedSignCheck
401 credentials Failed
403 suspended Failed
403 revoked Failed
403 account_closed Failed
403 forbidden Failed
403 expired Expired
404 not_found Failed
405 method_not_allowed Failed
404 no_license Failed
409 license_ambiguous Failed
409 device_limit FailedId
409 device_mismatch FailedId
409 superseded FailedId
409 reset_limit Failed
409 reset_offline Failed
409 reset_unused Failed
409 reset_forbidden Failed
409 approval_required Failed
409 request_expired Failed
422 idempotency_mismatch Failed
409 update_required Failed
409 version_not_covered Failed
409 pool_exhausted NA
409 test_limit NA
409 affiliate_limit NA
409 order_unpaid NA
409 conflict Failed
413 too_large Unparsable
415 media_type Unparsable
422 device_unidentifiable FailedId
429 rate_limited FailedHttp
503 unavailable FailedHttp
503 overloaded FailedHttp
"""


def test_the_table_is_the_published_one():
    table = {(str(shape.status), str(code), shape.zdk_status) for code, shape in SHAPES.items()}
    assert table == {tuple(line.split()) for line in PUBLISHED.split("\n") if line}


def test_every_refusal_has_a_shape_with_a_title():
    assert set(SHAPES) == set(Refusal)
    assert all(shape.title and not shape.title.endswith(".") for shape in SHAPES.values())


@pytest.mark.parametrize("code", Refusal)
def test_only_429_and_503_are_temporary(code):
    assert SHAPES[code].retryable == (SHAPES[code].status in {429, 503})
    assert SHAPES[code].status < 500 or SHAPES[code].status == 503


@pytest.mark.parametrize("code", Refusal)
def test_a_problem_says_what_rfc_9457_and_the_protocol_ask_for(code):
    problem = json.loads(encode_problem(code, "Because.", "7kq2-m4xd", {"next_at": None}))
    assert problem == {
        "type": f"urn:softphone-activation:refusal:{code.value}",
        "title": SHAPES[code].title,
        "status": SHAPES[code].status,
        "detail": "Because.",
        "code": code.value,
        "zdk_status": SHAPES[code].zdk_status,
        "retryable": SHAPES[code].retryable,
        "trace_id": "7kq2-m4xd",
        "next_at": None,
    }
