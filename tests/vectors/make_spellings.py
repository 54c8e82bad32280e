"""base64url.json and strict_json.json: the two ways in which bytes are spelt, and how they must not be."""

import json
from collections.abc import Iterator

from writing import Build, Case, subject

from crypto import base64url


def base64url_cases() -> Iterator[Case]:
    for name, spelt in [
        ("empty", b""),
        ("one byte", b"\0"),
        ("two bytes", b"\0\1"),
        ("three bytes", b"\0\1\2"),
        ("the two characters of its own", b"\xfb\xff\xbf"),
        ("all ones", b"\xff" * 16),
        ("a digest", bytes(range(16))),
        ("a key", bytes(range(32))),
    ]:
        yield {"name": name, "text": base64url.encode(spelt), "hex": spelt.hex()}
    for name, text in [
        ("one character", "A"),
        ("five characters", "AAAAA"),
        ("padding", "AA=="),
        ("padding of one", "AAE="),
        ("padding where none belongs", "AAEC="),
        ("plus of the other alphabet", "+_-A"),
        ("slash of the other alphabet", "/_-A"),
        ("trailing bits of one byte", "AB"),
        ("trailing bits of two bytes", "AAF"),
        ("blank before", " AAEC"),
        ("blank after", "AAEC "),
        ("newline after", "AAEC\n"),
        ("newline inside", "AA\nEC"),
        ("full stop", "AA.C"),
        ("letter beyond ASCII", "AAÉC"),
        ("NUL inside", "AA\0C"),
    ]:
        yield {"name": name, "text": text, "hex": None}


def strict_json_cases() -> Iterator[Case]:
    deep = "[" * 16 + "]" * 16
    for name, text, good in [
        ("object", '{"a":1}', True),
        ("white space between", ' {\t"a" :\r\n[1 , 2]} ', True),
        ("empty object", "{}", True),
        ("brackets inside a string", json.dumps("[{" * 20), True),
        ("escaped quote before brackets", r'"\"[[[[[[[[[[[[[[[[[[[["', True),
        ("nested 16 deep", deep, True),
        ("pair of surrogates", r'"\ud83d\ude00"', True),
        ("one key in two objects", '[{"a":1},{"a":2}]', True),
        ("nested 17 deep", f"[{deep}]", False),
        ("nested 17 deep, objects", '{"a":' * 17 + "1" + "}" * 17, False),
        ("key twice", '{"a":1,"a":1}', False),
        ("key twice, once escaped", r'{"a":1,"\u0061":2}', False),
        ("key twice, nested", '{"b":{"a":1,"a":2}}', False),
        ("nothing", "", False),
        ("blank", " ", False),
        ("not ended", '{"a":1', False),
        ("comma at the end", '{"a":1,}', False),
        ("two values", "{}{}", False),
        ("single quotes", "{'a':1}", False),
        ("comment", "{}//", False),
        ("NaN", "NaN", False),
        ("Infinity", "[-Infinity]", False),
        ("number beyond a double", "[1e999]", False),
        ("number with a leading zero", "[01]", False),
        ("number with a plus", "[+1]", False),
        ("hexadecimal number", "[0x1]", False),
        ("escaped NUL", r'"\u0000"', False),
        ("escaped NUL in a key", r'{"a\u0000":1}', False),
        ("control character in a string", '"\x01"', False),
        ("newline in a string", '"\n"', False),
        ("lone high surrogate", r'"\ud800"', False),
        ("lone low surrogate", r'"\udc00"', False),
        ("surrogates the wrong way round", r'"\udc00\ud800"', False),
        ("unknown escape", r'"\x41"', False),
        ("byte order mark", "\ufeff{}", False),
        ("in capitals", "[True]", False),
    ]:
        yield {"name": name, "json": base64url.encode(text.encode()), "good": good}
    for name, raw in [
        ("byte that is not UTF-8", b'"\xff"'),
        ("overlong UTF-8", b'"\xc0\x80"'),
        ("surrogate in UTF-8", b'"\xed\xa0\x80"'),
        ("cut-off UTF-8", b'"\xe2\x82"'),
        ("UTF-16", '{"a":1}'.encode("utf-16")),
        ("NUL after the value", b"{}\0"),
    ]:
        yield {"name": name, "json": base64url.encode(raw), "good": False}


FILES: dict[str, Build] = {
    "base64url.json": lambda: subject(
        "Base64url without padding in its one canonical spelling; hex: the bytes, null: to be refused.",
        base64url_cases(),
    ),
    "strict_json.json": lambda: subject(
        "JSON as headers and claims are read; the text's bytes in base64url.", strict_json_cases()
    ),
}
