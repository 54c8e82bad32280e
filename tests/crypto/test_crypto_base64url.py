import base64
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import base64url


@given(st.binary(max_size=200))
def test_what_is_encoded_decodes_to_the_same(data: bytes) -> None:
    text = base64url.encode(data)
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert base64url.decode(text) == base64url.decode(text.encode()) == data


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1))
def test_digests_are_encoded_like_one(values: list[bytes]) -> None:
    assert base64url.encode_digests(values) == [base64url.encode(value) for value in values]


@given(st.lists(st.binary(max_size=40)).filter(lambda values: set(map(len, values)) != {16}))
def test_digests_have_sixteen_bytes(values: list[bytes]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        base64url.encode_digests(values)


def test_only_the_canonical_spelling_decodes() -> None:
    spellings = {base64url.encode(bytes([a])) for a in range(256)}
    spellings |= {base64url.encode(bytes([a, b])) for a in range(256) for b in range(256)}
    spellings |= {base64url.encode(bytes([0, a, b])) for a in range(256) for b in range(256)} | {""}
    refused = 0
    for length in range(5):
        for characters in product("AQgwx9+/-_= \n", repeat=length):
            text = "".join(characters)
            try:
                assert base64url.encode(base64url.decode(text)) == text
            except ValueError:
                assert text not in spellings
                refused += 1
    assert refused > 10_000


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AAAAA",
        "QQ==",
        "QQ=",
        "QR",
        "QUF",
        "+A",
        "/A",
        "Q Q",
        "QUFB\n",
        "QQ==QQ",
        "Q=QQ",
        "=QQQ",
        "QUFé",
        "QUFB====",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is binascii's
        base64url.decode(text)
    with pytest.raises(ValueError):  # noqa: PT011
        base64url.decode(text.encode("utf-8"))


@given(st.text(max_size=12) | st.text(alphabet="AQgw-_+/=", max_size=12))
def test_whatever_decodes_is_canonical(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text
