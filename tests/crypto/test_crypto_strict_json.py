import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import strict_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab\U0001f600", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert strict_json.loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{} {}",
        b"nul",
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":1}',
        b'[{"b":{"a":1,"a":1}}]',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"9" * 4301,
        b"-" + b"9" * 5001,
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b'[["\\ud800x"]]',
        b'"\\u0000"',
        b'{"a\\u0000":1}',
        b'"a\0b"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        '"a"'.encode("utf-16"),
        b"[" * 17 + b"]" * 17,
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b"[" * 100_000,
        b'{"a":[' * 50_000,
    ],
)
def test_two_meanings_or_none_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's messages and ours
        strict_json.loads(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"9" * 4300, int("9" * 4300)),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"[" * 16 + b"]" * 16, [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
        (b'["' + b"[" * 40 + b'"]', ["[" * 40]),
        (b'["' + b'\\"[' * 40 + b'"]', ['"[' * 40]),
        (b"[" + b"[]," * 40 + b"{}]", [[]] * 40 + [{}]),
        (b'{"n":1,"\\u00e9":[2]}', {"n": 1, "é": [2]}),
        (b"1.5", 1.5),
        (b'["\\u0041",{"a":null}]', ["A", {"a": None}]),
    ],
)
def test_what_only_looks_odd_is_read(text: bytes, value: object) -> None:
    assert strict_json.loads(text) == value


def test_an_unclosed_string_of_brackets_takes_no_quadratic_time() -> None:
    with pytest.raises(ValueError, match="Unterminated"):
        strict_json.loads(b'["' + b'\\"[' * 200_000 + b"\\")
