"""JSON (RFC 8259) as the protocol reads it: nothing in it that two parsers might read differently."""

import json
import math
import re

MAX_DEPTH = 16
MAX_NUMBER_LENGTH = 4300  # characters; what CPython converts at all, whatever the environment sets

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def loads(data: bytes) -> object:
    """Return the value of the UTF-8 text `data`.

    Raises ValueError for what is not JSON and for duplicate keys, NaN and Infinity, numbers that overflow a
    double or have more than MAX_NUMBER_LENGTH digits, lone surrogates, NUL characters, a byte order mark and
    nesting deeper than MAX_DEPTH.
    """
    _check_depth(data)
    value: object = _DECODER.decode(data.decode("utf-8"))
    if b"\\u" in data:
        _check_characters(value)
    return value


def _check_depth(data: bytes) -> None:
    # Counting is enough nearly always; only a text with many brackets is looked at in order.
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRING_OR_BRACKET.findall(data):
        depth += (token in b"[{") - (token in b"]}")
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")


def _check_characters(value: object) -> None:
    # Raw NUL and raw surrogates are refused by the parser and by UTF-8; only \u escapes can bring them in.
    if isinstance(value, str):
        value.encode("utf-8")
        if "\0" in value:
            raise ValueError("NUL character")
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_characters(key)
            _check_characters(member)
    elif isinstance(value, list):
        for member in value:
            _check_characters(member)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError("integer too long")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
