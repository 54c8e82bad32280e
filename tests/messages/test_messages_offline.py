"""Request and certificate files: forgiving outside, strict inside."""

import json
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.messages.armour import read_armour, write_armour
from activation.messages.offline_files import (
    CERTIFICATE_ENDING,
    file_name,
    parse_request,
    read_certificate_file,
    write_certificate_file,
)
from activation.messages.strict import MalformedError

LABEL = "SOFTPHONE CERTIFICATE"
REQUEST = {
    "v": 1,
    "login": "k7wq3-9dm2x",
    "password": "secret",
    "product": "zoiper",
    "version": "5.6.4",
    "device": {"platform": "linux", "name": "desk", "components": {"hdd_serial": "S3Z9NB0K512345"}},
    "nonce": "A" * 22,
    "made_at": 1_795_000_000,
}


@given(st.binary(min_size=1, max_size=600))
def test_what_is_written_is_read(content):
    text = write_armour(LABEL, content)
    assert read_armour(LABEL, text.encode()) == content
    assert max(map(len, text.splitlines())) <= 64


MANGLED = {
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
    "blanks": lambda text: text.replace("\n", " \t\u00a0\n   ").encode(),
    "blank lines": lambda text: text.replace("\n", "\n\n\n").encode(),
    "utf-8 mark": lambda text: text.encode("utf-8-sig"),
    "utf-16 by notepad": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "utf-16 big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()).encode(),
    "quoted twice": lambda text: "".join(f">> > {line}\n" for line in text.splitlines()).encode(),
    "words around": lambda text: f"Grüße\n{text}\n-- \nme".encode("latin-1"),
    "lines broken anew": lambda text: text.replace("Y", "Y\n").replace("-----BEGI", "-----BEGI").encode(),
}


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_what_mail_does_is_forgiven(mangle):
    content = bytes(range(200))
    assert read_armour(LABEL, mangle(write_armour(LABEL, content))) == content


GOOD = write_armour(LABEL, bytes(range(200)))
BAD = {
    "nothing": "",
    "garbage": "\0\1\2",
    "no begin": GOOD.replace("BEGIN", "BEGAN"),
    "no end": GOOD.replace("-----END", "----END"),
    "the wrong way round": "\n".join(reversed(GOOD.splitlines())),
    "empty": "-----BEGIN SOFTPHONE CERTIFICATE-----\n-----END SOFTPHONE CERTIFICATE-----",
    "two": GOOD + GOOD,
    "another label": GOOD.replace("CERTIFICATE", "CERTIFICATE REQUEST"),
    "a character gone": GOOD.replace("AAECAwQF", "AAECAwQ"),
    "foreign characters": GOOD.replace("AAECAwQF", "AAEC*wQF"),
    "a word in the middle": GOOD.replace("\nMDEy", "\nHello, world!\nMDEy"),
    "base64url": GOOD.replace("+", "-").replace("/", "_").replace("AAECAwQF", "AA-_AwQF"),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_anything_else_is_refused_and_named(text):
    with pytest.raises(MalformedError) as wrong:
        read_armour(LABEL, text.encode())
    assert wrong.value.field == "armour"


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reader(data):
    with pytest.raises(MalformedError):
        read_armour(LABEL, data)


def test_blanks_do_not_keep_the_reader_busy():
    """16 KiB of blanks within a line took seconds once, before any password was looked at."""
    began = time.process_time()
    with pytest.raises(MalformedError):
        read_armour(LABEL, b"a" + b" " * 16_000 + b"b")
    assert time.process_time() - began < 0.5


def test_a_request_is_read():
    request = parse_request(json.dumps(REQUEST).encode())
    assert (request.login, request.major, request.made_at) == ("k7wq3-9dm2x", 5, 1_795_000_000)
    assert "secret" not in repr(request)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"v": 2}, "v"),
        ({"login": ""}, "login"),
        ({"password": None}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"nonce": "A" * 21}, "nonce"),
        ({"made_at": "2026-11-22"}, "made_at"),
        ({"made_at": -1}, "made_at"),
        ({"made_at": 1e400}, ""),
        ({"extra": 1}, "extra"),
        (
            {"device": {"platform": "linux", "components": {"hdd_serial": ["a"]}}},
            "device.components.hdd_serial",
        ),
    ],
)
def test_a_request_with_something_wrong_is_refused_and_named(change, field):
    with pytest.raises(MalformedError) as wrong:
        parse_request(json.dumps(REQUEST | change).encode())
    assert wrong.value.field == field


@pytest.mark.parametrize("missing", REQUEST)
def test_a_request_with_something_missing_is_refused_and_named(missing):
    with pytest.raises(MalformedError) as wrong:
        parse_request(
            json.dumps({name: value for name, value in REQUEST.items() if name != missing}).encode()
        )
    assert wrong.value.field == missing


def test_a_certificate_file_is_read_and_one_that_is_cut_is_not():
    answer = read_certificate_file(write_certificate_file("a.b.c", "d.e.f"))
    assert (answer.certificate, answer.delegation) == ("a.b.c", "d.e.f")
    cut = write_armour(LABEL, msgspec.json.encode({"v": 1, "certificate": "a.b.c"}))
    with pytest.raises(MalformedError):
        read_certificate_file(cut.encode())


@pytest.mark.parametrize(
    ("computer", "name"),
    [
        ("RECEPTION-PC", "ZoiperRECEPTION-PC.certificate"),
        ('the desk\'s "PC"\r\nX: 1', "Zoiperthe-desk-s-PC-X-1.certificate"),
        ("../../etc/passwd", "Zoiperetc-passwd.certificate"),
        ("Büro", "ZoiperB-ro.certificate"),
        ("", "Zoiper.certificate"),
        ("x" * 200, f"Zoiper{'x' * 64}.certificate"),
    ],
)
def test_a_file_is_called_after_its_computer_whatever_that_is_called(computer, name):
    assert file_name(computer, CERTIFICATE_ENDING) == name
