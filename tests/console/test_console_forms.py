"""Forms into messages: strict, and naming the field."""

from types import SimpleNamespace
from typing import Annotated
from urllib.parse import urlencode

import pytest
from msgspec import Meta, Struct
from multidict import CIMultiDict

from activation.console.forms import Upload, message_of, read_sent
from activation.console.wording import explain_field
from activation.http.calls import Call
from activation.http.guarding import RefusedError
from activation.messages.strict import MalformedError

URLENCODED = "application/x-www-form-urlencoded"


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    note: Annotated[str, Meta(min_length=1, max_length=5)]
    count: Annotated[int, Meta(ge=1)] = 1
    products: list[str] = []
    is_sure: bool = False
    file: Upload | None = None


async def sent(body, kind=URLENCODED, **headers):
    given = CIMultiDict({"Content-Type": kind, **headers})
    call = Call(SimpleNamespace(), SimpleNamespace(), "POST /console/x", given, "127.0.0.1", body)
    return await read_sent(call, 1000)


async def wish(**fields):
    return message_of(Wish, await sent(urlencode(fields, doseq=True).encode()))


async def test_a_form_becomes_its_message():
    made = await wish(note="a\r\nb", count="3", products=["x", "y"], is_sure="true", csrf="c", once="o")
    assert made == Wish("a\nb", 3, ["x", "y"], is_sure=True)


async def test_what_may_be_left_out_may_be_left_empty():
    assert await wish(note="a", count="") == Wish("a")


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"note": ""}, "note", "Fill this in."),
        ({}, "note", "Fill this in."),
        ({"note": "abcdef"}, "note", "This may have at most 5 characters."),
        ({"note": "a", "count": "0"}, "count", "This must be at least 1."),
        ({"note": "a", "count": "x"}, "count", "This must be a number."),
        ({"note": "a", "is_admin": "1"}, "is_admin", "There is no such field."),
        ({"note": ["a", "b"]}, "note", "This field stands here twice."),
        ({"note": "a\x00"}, "note", "A text must not contain NUL."),
    ],
)
async def test_what_is_wrong_is_named_in_words(fields, field, told):
    with pytest.raises(MalformedError) as wrong:
        await wish(**fields)
    assert (wrong.value.field, explain_field(wrong.value.detail)) == (field, told)


@pytest.mark.parametrize("body", [b"note=%FF", b"note", b"note=%ED%A0%80", "note=é".encode(), b"a=&" * 230])
async def test_what_is_no_form_is_refused(body):
    with pytest.raises(MalformedError):
        await sent(body)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [(b"{}", "application/json", "media_type"), (b"a=" + b"b" * 1000, URLENCODED, "too_large")],
)
async def test_another_type_and_too_much_are_refused(body, kind, code):
    with pytest.raises(RefusedError) as wrong:
        await sent(body, kind)
    assert wrong.value.refused.code == code


def parts(*named):
    lines = []
    for head, content in named:
        lines += [b"--x", f"Content-Disposition: form-data; {head}".encode(), b"", content]
    return b"\r\n".join([*lines, b"--x--", b""])


async def test_a_file_comes_with_its_name():
    body = parts(('name="note"', b"a"), ('name="file"; filename="a.csv"', b"\x00\xff"))
    made = message_of(Wish, await sent(body, "multipart/form-data; boundary=x"))
    assert made == Wish("a", file=Upload("a.csv", b"\x00\xff"))


@pytest.mark.parametrize(
    "body",
    [
        b"--x\r\nnothing",
        b"",
        parts(('name="note"', b"\xff")),
        parts(('name="note"', b"a\x00")),
        parts(*[('name="file"; filename="a"', b"a")] * 2),
    ],
)
async def test_bad_parts_are_refused(body):
    with pytest.raises(MalformedError):
        await sent(body, "multipart/form-data; boundary=x")


@pytest.mark.parametrize("where", ["of the form", "of a part"])
@pytest.mark.parametrize("encoding", ["punycode", "utf-7", "hex", "nonsense"])
async def test_nobody_chooses_in_which_encoding_a_form_is_read(where, encoding):
    """Punycode takes the square of a text's length, and nobody must be signed in to send some."""
    named = f"; charset={encoding}"
    kind = f"multipart/form-data; boundary=x{named if where == 'of the form' else ''}"
    head = 'name="note"\r\nContent-Type: text/plain' + (named if where == "of a part" else "")
    made = await sent(parts((head, b"+AGE-zca")), kind)
    assert made.texts == {"note": ["+AGE-zca"]}


async def test_parts_without_a_boundary_are_refused():
    with pytest.raises(MalformedError):
        await sent(parts(('name="note"', b"a")), "multipart/form-data")
