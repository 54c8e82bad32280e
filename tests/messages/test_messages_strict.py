"""Strict JSON: the standard library with duplicate detection is the measure, whatever the spelling."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.messages.requests import ActivationRequest, parse_activation, parse_reset
from activation.messages.strict import MalformedError

blanks = st.sampled_from(["", "", "", " ", "\t", "\n", "\r", " \r\n\t "])
values = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6) | st.sampled_from(
    [":", '":"', '\\":', "\x00", "a\x00b", "{}", '"a":1', "ü", "\U0001f4de"]
)
kinds = st.sampled_from(["hdd_serial", "mac", "cpu_id", "ключ", "k:"])


def pairs_of(keys, several):
    """Members in any order; with `several`, one key may come twice."""
    return st.lists(keys, max_size=4, unique=not several)


@st.composite
def spelled(draw, text):
    """Spell a JSON string in any of the ways that mean the same."""
    letters = []
    for letter in text:
        if letter in '"\\' or letter < " " or draw(st.integers(0, 9)) == 0:
            units = letter.encode("utf-16-be")
            letters += [f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2)]
        else:
            letters.append(letter)
    return '"' + "".join(letters) + '"'


@st.composite
def objects(draw, members):
    """Spell an object of `(key, text of the value)` members with blanks anywhere."""
    spelled_members = [
        draw(blanks) + draw(spelled(key)) + draw(blanks) + ":" + draw(blanks) + value + draw(blanks)
        for key, value in members
    ]
    return "{" + ",".join(spelled_members) + draw(blanks) + "}"


@st.composite
def activations(draw):
    """Activation requests that are right but for members that may stand there twice and texts with NUL."""
    several = draw(st.booleans())
    parts = []
    for kind in draw(pairs_of(kinds, several)):
        text = draw(values.flatmap(spelled))
        parts.append((kind, f"[{text}]" if kind == "mac" else text))
    device = [("platform", '"linux"'), ("components", draw(objects(parts)))]
    device += [("name", draw(values.flatmap(spelled))) for _ in range(draw(st.integers(0, 1 + several)))]
    request = [
        ("product", draw(values.flatmap(spelled))),
        ("version", '"5.1"'),
        ("device", draw(objects(draw(st.permutations(device))))),
    ]
    request += [("move", "true") for _ in range(draw(st.integers(0, 1 + several)))]
    return draw(objects(draw(st.permutations(request))))


def refuse_twice(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def has_nul(value):
    if isinstance(value, dict):
        return any(has_nul(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\x00" in value


@given(activations())
def test_what_is_accepted_is_what_json_with_duplicate_detection_accepts(text):
    try:
        expected = json.loads(text, object_pairs_hook=refuse_twice)
    except ValueError:
        expected = None
    if expected is None or has_nul(expected):
        with pytest.raises(MalformedError):
            parse_activation(text.encode())
    else:
        assert parse_activation(text.encode()) == msgspec.convert(expected, ActivationRequest)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_no_bytes_do_anything_but_parse_or_be_refused(body):
    for parse in (parse_activation, parse_reset):
        with pytest.raises(MalformedError):
            parse(body)


TWICE = [
    b'{"license_id":"x","license_id":"x"}',
    b'{"license_id" :"x","license_id":"y"}',
    b'{"license_id":"x","license_id"\t:"y"}',
    b'{"license_id":"x","license_id"\n\n:"y"}',
    b'{"license_id"\r:"x","license_id"\r:"y"}',
    b'{"license_id":"x","license\\u005fid":"y"}',
    b'{"\\u006cicense_id":"x","license_id":"y"}',
]


@pytest.mark.parametrize("body", TWICE)
def test_a_member_that_stands_there_twice_is_found_and_named(body):
    with pytest.raises(MalformedError) as caught:
        parse_reset(body)
    assert caught.value.field == "license_id"


@pytest.mark.parametrize(
    ("inner", "field"),
    [
        ('"platform":"a","platform":"b","components":{}', "device.platform"),
        ('"platform":"a","components":{"mac":"1","mac":"2"}', "device.components.mac"),
        ('"platform":"a","components":{"mac":"1","ma\\u0063":"2"}', "device.components.mac"),
        ('"platform":"a","components":{"mac":"1"},"components" :{"mac":"1"}', "device.components"),
    ],
)
def test_a_member_inside_that_stands_there_twice_is_found_and_named(inner, field):
    with pytest.raises(MalformedError, match="twice") as caught:
        parse_activation(f'{{"product":"p","version":"5","device":{{{inner}}}}}'.encode())
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"license_id":"a\\u0000b"}', "license_id"),
        (b'{"license_id":"\\u0000"}', "license_id"),
        (b'{"license_id":"a\x00b"}', ""),
        (b'{"license_id":"\\ud800"}', ""),
        (b'{"license_id":"\\udc00\\ud800"}', ""),
        (b'{"license_id":"\xed\xa0\x80"}', ""),
        (b'{"license_id":"\xff"}', ""),
        (b'{"license_id":NaN}', ""),
        (b'{"license_id":Infinity}', ""),
        (b"{'license_id':'x'}", ""),
        (b'{"license_id":"x",}', ""),
        (b'{"license_id":"x"} {}', ""),
        (b'{"license_id":"x"', ""),
        (b'\xef\xbb\xbf{"license_id":"x"}', ""),
        ('{"license_id":"x"}'.encode("utf-16"), ""),
        (b"", ""),
        (b"null", ""),
        (b'"x"', ""),
        (b"[" * 16_000, ""),
        (b'{"license_id":' + b"[" * 16_000, "license_id"),
        (b'{"license_id":1}', "license_id"),
        (b'{"license_id":null}', "license_id"),
        (b'{"license_id":["x"]}', "license_id"),
        (b"{}", "license_id"),
        (b'{"licence_id":"x"}', "licence_id"),
        (b'{"license_id":"x","more":{"deep":[{}]}}', "more"),
        (b'{"License_Id":"x"}', "License_Id"),
    ],
)
def test_the_field_that_is_wrong_is_named(body, field):
    with pytest.raises(MalformedError) as caught:
        parse_reset(body)
    assert caught.value.field == field
    assert caught.value.detail.endswith(".")


def test_deep_nesting_ends_in_a_refusal_wherever_it_stands():
    body = b'{"product":"p","version":"5","device":{"platform":"a","components":{"mac":' + b"[" * 16_000
    with pytest.raises(MalformedError) as caught:
        parse_activation(body)
    assert caught.value.field == "device.components"
