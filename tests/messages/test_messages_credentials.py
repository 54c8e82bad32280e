"""Credentials and times: what is read, what is not, and that nothing else ever happens."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.messages.credentials import MAX_LENGTH, Basic, parse_basic, parse_bearer
from activation.messages.times import from_rfc3339, optional_rfc3339, to_rfc3339


def basic(text: str | bytes, scheme: str = "Basic") -> str:
    given = text.encode() if isinstance(text, str) else text
    return f"{scheme} {b64encode(given).decode()}"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (basic("anna:secret"), Basic("anna", "secret")),
        (basic("anna:se:cr:et:"), Basic("anna", "se:cr:et:")),
        (basic("anna:"), Basic("anna", "")),
        (basic("anna::"), Basic("anna", ":")),
        (basic("Ёлка@example.org:пароль ☎"), Basic("Ёлка@example.org", "пароль ☎")),
        (basic("anna:secret", "bAsIc"), Basic("anna", "secret")),
        (basic("anna:secret", "Basic  "), Basic("anna", "secret")),
        (basic("a" * 256 + ":" + "ü" * 256), Basic("a" * 256, "ü" * 256)),
        (None, None),
        ("", None),
        ("Basic", None),
        ("Basic ", None),
        ("Basic =", None),
        ("Basic YW5uYTpz*", None),
        ("Basic YW5uYTpz\u00fc", None),
        ("Basic YW5uYTp", None),
        (basic("anna"), None),
        (basic(":secret"), None),
        (basic(b"anna:\xff"), None),
        (basic("a" * 257 + ":x"), None),
        (basic("anna:" + "x" * 257), None),
        (basic("anna:secret", "Bearer"), None),
        (basic("anna:secret", "Digest"), None),
    ],
)
def test_basic(header, expected):
    assert parse_basic(header) == expected


@given(st.text(max_size=40) | st.text().map(basic) | st.binary().map(basic))
def test_basic_reads_anything_or_nothing(header):
    found = parse_basic(header)
    assert found is None or (0 < len(found.login) <= MAX_LENGTH and ":" not in found.login)


@given(st.text(min_size=1, max_size=256).filter(lambda login: ":" not in login), st.text(max_size=256))
def test_basic_there_and_back(login, password):
    assert parse_basic(basic(f"{login}:{password}".encode())) == Basic(login, password)


def test_a_password_does_not_print():
    assert "secret" not in repr(parse_basic(basic("anna:secret")))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer stf_abc", "stf_abc"),
        ("bearer  stf_abc ", "stf_abc"),
        ("Bearer " + "x" * 256, "x" * 256),
        ("Bearer " + "x" * 257, None),
        ("Bearer ", None),
        ("Bearer ü", None),
        ("Basic stf_abc", None),
        ("stf_abc", None),
        ("", None),
        (None, None),
    ],
)
def test_bearer(header, token):
    assert parse_bearer(header) == token


def test_times_by_hand():
    assert to_rfc3339(1_795_362_300) == "2026-11-22T15:45:00Z"
    assert to_rfc3339(0) == "1970-01-01T00:00:00Z"
    assert optional_rfc3339(None) is None
    assert optional_rfc3339(0) == "1970-01-01T00:00:00Z"
    assert from_rfc3339("2026-11-22T17:45:00+02:00") == 1_795_362_300


@given(st.integers(0, 2**35))
def test_times_there_and_back(seconds):
    text = to_rfc3339(seconds)
    assert from_rfc3339(text) == seconds
    assert datetime.fromisoformat(text) == datetime.fromtimestamp(seconds, UTC)
    assert len(text) >= 20
    assert text.endswith("Z")


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "2026-11-22T24:61:00Z", "1795362300x"])
def test_text_that_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        from_rfc3339(text)


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T15:45:00"])
def test_a_time_without_its_offset_is_refused(text):
    """RFC 3339 has no local times: what they stand for would depend on the machine that reads them."""
    with pytest.raises(ValueError, match=r"."):
        from_rfc3339(text)
