"""Everything of assurance.md's B5 that can be wrong with a body, for a message of any shape."""

import copy
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MARK: Final = "@@here@@"
MAX_BODY: Final = 16 * 1024
DEEP: Final = 1000

TEXT, OBJECT, FLAG, PART, MACS = "text", "object", "flag", "part", "macs"

DEVICE_FIELDS: Final = {
    "device": OBJECT,
    "device.platform": TEXT,
    "device.name": TEXT,
    "device.components": OBJECT,
    "device.components.hdd_serial": PART,
    "device.components.mac": MACS,
    "device.public_key": TEXT,
}
# Each field of each message, as protocol.md has them.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "activation": {
        "product": TEXT,
        "version": TEXT,
        **DEVICE_FIELDS,
        "move": FLAG,
        "license_id": TEXT,
    },
    "renewal": {"certificate": TEXT, **DEVICE_FIELDS, "version": TEXT, "proof": TEXT},
    "release": {"certificate": TEXT, **DEVICE_FIELDS},
    "reset": {"license_id": TEXT},
    "staff reset": {"reason": TEXT, "note": TEXT},
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "activation": ("product", "version", "device", "device.platform", "device.components"),
    "renewal": ("certificate", "device", "device.platform", "device.components"),
    "release": ("certificate", "device", "device.platform", "device.components"),
    "reset": ("license_id",),
    "staff reset": ("reason", "note"),
}

WRONG_TYPES: Final = {
    TEXT: ("null", "true", "0", "1.5", "[]", "{}", '["x"]', '{"x":"x"}'),
    OBJECT: ("null", "true", "0", "1.5", '"x"', "[]", "[{}]"),
    FLAG: ("null", "0", "1", '"true"', "[]", "{}"),
    PART: ("null", "true", "0", "1.5", "{}", "[]", '["x"]'),
    MACS: ("null", "true", "0", "{}", "[null]", "[1]", '[["x"]]', json.dumps(["00:1b:21:aa:bb:cc"] * 17)),
}
NUMBERS: Final = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "-1e999": "-1e999",
    "5,000 digits": "9" * 5000,
    "5,000 digits after the point": "0." + "3" * 5000,
}
DEPTHS: Final = {
    "1,000 lists": "[" * DEEP + "]" * DEEP,
    "1,000 objects": '{"a":' * DEEP + "0" + "}" * DEEP,
    "7,000 lists, open": "[" * 7000,
}
TEXTS: Final[Mapping[str, bytes]] = {
    "lone surrogate": rb'"\ud800"',
    "lone low surrogate": rb'"x\udc00"',
    "surrogates the wrong way": rb'"\udc00\ud800"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "NUL": rb'"a\u0000b"',
    "raw NUL": b'"a\x00b"',
    "raw line break": b'"a\nb"',
    "overlong UTF-8": b'"\xc0\x80"',
    "cut UTF-8": b'"\xf0\x9f\x98"',
    "too long": b'"%s"' % (b"x" * 9000),
}


@dataclass(frozen=True)
class Bad:
    """One way to be wrong. `field` is what the refusal must name; what is no JSON at all has none."""

    name: str
    body: bytes = field(repr=False)
    field: str = ""
    is_json: bool = True

    def is_named_by(self, named: str) -> bool:
        """Tell whether `named` is the field, something in it, or the object that a component is in."""
        if not self.field or (named == "" and not self.is_json):
            return True
        if self.field.startswith("device.components.") and named == "device.components":
            return True
        return named == self.field or named.startswith(f"{self.field}.")


def get(message: Mapping[str, Any], path: str) -> Any:
    value: Any = message
    for name in path.split("."):
        value = value[name]
    return value


def put(message: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of the message with `value` at the dotted path."""
    changed = copy.deepcopy(dict(message))
    *parents, last = path.split(".")
    place = changed
    for name in parents:
        place = place[name]
    place[last] = value
    return changed


def without(message: Mapping[str, Any], path: str) -> dict[str, Any]:
    changed = copy.deepcopy(dict(message))
    *parents, last = path.split(".")
    place = changed
    for name in parents:
        place = place[name]
    del place[last]
    return changed


def raw(message: Mapping[str, Any], path: str, value: str | bytes) -> bytes:
    """Return the message as JSON with `value` written at the dotted path as it is."""
    written = value.encode() if isinstance(value, str) else value
    return dump(put(message, path, MARK)).replace(f'"{MARK}"'.encode(), written)


def dump(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def wrong_values(message: Mapping[str, Any], path: str, shape: str) -> Iterator[Bad]:
    """Wrong types, wrong numbers, wrong depths, wrong texts: in the field at the dotted path."""
    for value in WRONG_TYPES[shape]:
        yield Bad(value[:24], raw(message, path, value), path)
    for name, value in NUMBERS.items():
        yield Bad(name, raw(message, path, value), path, is_json="N" not in name and "I" not in name)
    for name, value in DEPTHS.items():
        yield Bad(name, raw(message, path, value), path)
    if shape in (TEXT, PART):
        for name, text in TEXTS.items():
            yield Bad(name, raw(message, path, text), path, is_json=name in ("NUL", "too long"))


def twice(message: Mapping[str, Any], path: str) -> Iterator[Bad]:
    """The member at the dotted path a second time, however it is spelt."""
    name, value = path.rpartition(".")[2], json.dumps(get(message, path))
    spelt = f'"{name[0]}\\u{ord(name[1]):04x}{name[2:]}"'
    for how, key in (
        ("plain", f'"{name}":'),
        ("a blank before the colon", f'"{name}" :'),
        ("a line break before the colon", f'"{name}"\r\n:'),
        ("a tab before the colon", f'"{name}"\t:'),
        ("an escaped letter", f"{spelt}:"),
    ):
        yield Bad(f"twice, {how}", raw(message, path, f"{value},{key}{value}"), path)
        yield Bad(f"twice, {how}, another value", raw(message, path, f'{value},{key}"x"'), path)


def wrong_members(kind: str, message: Mapping[str, Any]) -> Iterator[Bad]:
    """Members unknown, and members missing."""
    unknown = ["unknown", "Device", "__proto__", "license_ids"]
    if "device" in FIELDS[kind]:
        unknown += ["device.unknown", "device.Components", "device.serial"]
    for path in unknown:
        yield Bad(f"{path} is unknown", dump(put(message, path, "x")), path)
    for path in REQUIRED[kind]:
        yield Bad(f"{path} is missing", dump(without(message, path)), path)


def wrong_bodies(message: Mapping[str, Any]) -> Iterator[Bad]:
    """Bodies that are no JSON object at all, or more than one."""
    good = dump(message)
    bodies = {
        "empty": b"",
        "blank": b"  \n",
        "words": b"hello there",
        "a form": b"product=zoiper&version=5",
        "null": b"null",
        "true": b"true",
        "a text": b'"hello"',
        "a number": b"12",
        "a list": b"[" + good + b"]",
        "an empty list": b"[]",
        "two of them": good + good,
        "a comma too many": good[:-1] + b",}",
        "a brace too few": good[:-1],
        "a comment": b"/* hello */" + good,
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-32": good.decode().encode("utf-32"),
        "invalid UTF-8": b"\xff\xfe" + good,
        "a gzip of it": gzip.compress(good),
        "single quotes": good.replace(b'"', b"'"),
        "NUL after it": good + b"\x00",
        "1,000 lists": b"[" * DEEP + b"]" * DEEP,
        "1,000 objects": b'{"a":' * DEEP + b"0" + b"}" * DEEP,
        "16,384 open lists": b"[" * MAX_BODY,
    }
    for name, body in bodies.items():
        yield Bad(name, body)


def zipped() -> dict[str, bytes]:
    """Bodies that are small and swell, by Content-Encoding."""
    bomb = b"\x00" * (8 * 1024 * 1024)
    return {
        "gzip": gzip.compress(bomb),
        "deflate": zlib.compress(bomb),
        "x-gzip": gzip.compress(bomb),
        "br": b"\x8b\x03\x80\x00\x03",
        "zstd": b"(\xb5/\xfd",
        "identity": b"{}",
        "": b"{}",
        "nonsense": b"{}",
    }
