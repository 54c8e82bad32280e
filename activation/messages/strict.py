"""JSON into message types, refusing what a lenient parser lets through (assurance.md, B5).

msgspec does the work and refuses wrong types, unknown fields, NaN and lone surrogates. It takes duplicate
keys and NUL; those are looked for here, at little cost for the bodies that cannot have them.
"""

import json
import re
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

_PATH = re.compile(r"`\$\.?([^`]*)`")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")

Message = TypeVar("Message", bound=msgspec.Struct)


class MalformedError(Exception):
    """The request cannot be understood. `field` is the dotted path of what is wrong, "" for the whole."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.field = field
        self.detail = detail


def decode(decoder: msgspec.json.Decoder[Message], body: bytes) -> Message:
    """Return the message in `body`. Raises MalformedError naming the field."""
    try:
        message = decoder.decode(body)
    except msgspec.ValidationError as wrong:
        raise _name_field(str(wrong)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise MalformedError("", f"This is not JSON we can read: {_first_words(wrong)}.") from None
    if not _surely_plain(body, message):
        _look_closely(body)
    return message


def _surely_plain(body: bytes, message: msgspec.Struct) -> bool:
    """Tell whether the body cannot hold a duplicate key or an escaped NUL.

    Without a backslash every quote delimits a text. Two for each key and text of the message leave none for
    a member that stands there twice.
    """
    return b"\\" not in body and body.count(b'"') == 2 * _texts(message)


def _texts(value: Any) -> int:
    """Return how many keys and texts the JSON of a message has."""
    kind = type(value)
    if kind is str:
        return 1
    if kind is dict:
        return len(value) + sum([1 if type(item) is str else _texts(item) for item in value.values()])
    if kind is list:
        return sum([_texts(item) for item in value])
    texts = 0
    for name in getattr(value, "__struct_fields__", ()):
        item = getattr(value, name)
        if item is not UNSET:
            texts += 2 if type(item) is str else 1 + _texts(item)
    return texts


class _Members(dict[str, Any]):
    """An object's members, and one that stood in it twice."""

    twice: str | None = None


def _look_closely(body: bytes) -> None:
    parsed = json.loads(body, object_pairs_hook=_gather)
    _refuse_twice(parsed, "")
    _refuse_nul(parsed, "")


def _gather(pairs: list[tuple[str, Any]]) -> _Members:
    members = _Members()
    for key, value in pairs:
        if key in members:
            members.twice = key
        members[key] = value
    return members


def _refuse_twice(value: Any, path: str) -> None:
    if not isinstance(value, _Members):
        return
    if value.twice is not None:
        raise MalformedError(_join(path, value.twice[:64]), "This member stands here twice.")
    for key, item in value.items():
        _refuse_twice(item, _join(path, key))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refuse_nul(value: Any, path: str) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise MalformedError(path, "A text must not contain NUL.")
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key, path)
            _refuse_nul(item, _join(path, key))


def _name_field(text: str) -> MalformedError:
    """Turn msgspec's complaint into ours, with the dotted path of the field."""
    found = _PATH.search(text)
    path = re.sub(r"\[(\.\.\.|\d+)\]", "", found[1]) if found else ""
    named = _UNKNOWN.search(text) or _MISSING.search(text)
    field = ".".join(part for part in (path, named[1][:64] if named else "") if part)
    said = text.split(" - at ", maxsplit=1)[0]
    return MalformedError(field, f"{said}." if not said.endswith(".") else said)


def _first_words(wrong: Exception) -> str:
    if isinstance(wrong, RecursionError):
        return "it is nested too deep"
    text = str(wrong).removeprefix("JSON is malformed: ")
    return text.removesuffix(".") or "it cannot be read"
