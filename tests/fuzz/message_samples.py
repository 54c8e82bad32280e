"""A valid message of any type, drawn from its declaration: what the fuzzer starts from."""

import re
from typing import Any

import msgspec
from msgspec import inspect

BY_NAME = {
    "released_at": "2026-11-22T15:45:00Z",
    "effective_at": "2026-11-22T15:45:00Z",
    "paid_at": "2026-11-22T15:45:00Z",
    "reason": "other",
    "license_id": "lic_0123456789abc",
    "shown": "0123456789abcdef0123456789abcdef",
    "csv": "product,major,login\nzoiper-pro,5,anna\n",
    "url": "https://example.net/hook",
}
TEXTS = [
    "zoiper-pro",
    "5.6.1",
    "12.50",
    "5",
    "anna@example.net",
    "A" * 43,
    "A" * 22,
    "*",
    "2026-11-22T15:45:00Z",
    "",
]


def sample_message(kind: Any) -> bytes:
    """Return JSON of one message of the type, every member there."""
    return msgspec.json.encode(_value(inspect.type_info(kind)))


def shortest_message(kind: Any) -> bytes:
    """Return JSON of one message of the type, with the members that it must have."""
    return msgspec.json.encode(_value(inspect.type_info(kind), whole=False))


def _value(kind: inspect.Type, whole: bool = True) -> Any:
    match kind:
        case inspect.StrType():
            found: Any = next(text for text in TEXTS if _fits(kind, text))
        case inspect.IntType():
            found = 1 if kind.ge is None else max(kind.ge, 1)
        case inspect.StructType():
            found = _members(kind, whole)
        case inspect.UnionType():
            found = _value(kind.types[0], whole)
        case inspect.LiteralType():
            found = kind.values[0]
        case inspect.ListType():
            found = [_value(kind.item_type, whole)]
        case inspect.DictType():
            found = {"hdd_serial": "WD-WCC4N7XXXXX1", "mac": ["00:15:5d:01:2a:3b"]}
        case _:
            found = isinstance(kind, inspect.BoolType)
    return found


def _members(kind: inspect.StructType, whole: bool) -> dict[str, Any]:
    members = {
        field.encode_name: BY_NAME.get(field.encode_name) or _value(field.type, whole)
        for field in kind.fields
        if whole or field.required
    }
    return members | ({kind.tag_field: kind.tag} if kind.tag_field else {})


def _fits(kind: inspect.StrType, text: str) -> bool:
    shortest, longest = kind.min_length or 0, kind.max_length or 1000
    return shortest <= len(text) <= longest and bool(re.search(kind.pattern or "", text))
