"""Forms into closed messages: as strict as `messages/strict.py` is with JSON, and naming the field.

A field that may be left out and was left empty counts as left out. Line ends become LF.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, TypeVar, get_args, get_type_hints
from urllib.parse import parse_qsl

import msgspec
import multipart

from activation.http.bodies import read_form
from activation.http.calls import Call
from activation.messages.strict import MalformedError

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MOST_FIELDS: Final = 200
MAX_FORM: Final = 64 * 1024
"""How large a form may be, in bytes, unless its route allows more."""
RESERVED: Final = frozenset({"csrf", "once", "step_up"})
"""Fields that a form carries beside its message's."""
_UNREADABLE: Final = "This form cannot be read."
_TWICE: Final = "This field stands here twice."
_NUL: Final = "A text must not contain NUL."
_UNKNOWN: Final = "There is no such field."
_PATH: Final = re.compile(r"`\$\.?(\w*)")
_MISSING: Final = re.compile(r"missing required field `(\w+)`")

Message = TypeVar("Message", bound=msgspec.Struct)


class Upload(msgspec.Struct, frozen=True):
    """A file that was sent with a form."""

    name: str
    content: bytes


@dataclass(slots=True)
class Sent:
    """A form as it was sent: texts by field in their order, and files."""

    texts: dict[str, list[str]] = field(repr=False, default_factory=dict)
    files: dict[str, Upload] = field(repr=False, default_factory=dict)

    def one(self, name: str) -> str:
        """Return a field's text, or ""."""
        return self.texts.get(name, [""])[0]

    def typed(self) -> dict[str, list[str]]:
        """Return what the form's own fields hold, without those that every form has."""
        return {name: texts for name, texts in self.texts.items() if name not in RESERVED}


async def read_sent(call: Call, limit: int = MAX_FORM) -> Sent:
    """Return the form of a request, within `limit` bytes. Raises RefusedError, MalformedError."""
    kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    body = await read_form(call, (URLENCODED, MULTIPART), limit)
    sent = _of_parts(call.headers["Content-Type"], body) if kind == MULTIPART else _of_pairs(body)
    for name, texts in sent.texts.items():
        if "\x00" in name or any("\x00" in text for text in texts):
            raise MalformedError(name.replace("\x00", ""), _NUL)
        sent.texts[name] = [text.replace("\r\n", "\n") for text in texts]
    return sent


def message_of(takes: type[Message], sent: Sent) -> Message:
    """Return the message that a form holds. Raises MalformedError naming the field."""
    hints = get_type_hints(takes)
    required = {one.name for one in msgspec.structs.fields(takes) if one.required}
    content: dict[str, Any] = {}
    for name, texts in sent.typed().items():
        if name not in hints:
            raise MalformedError(name[:64], _UNKNOWN)
        if _takes_many(hints[name]):
            content[name] = texts
        elif len(texts) > 1:
            raise MalformedError(name, _TWICE)
        elif texts[0] or name in required:
            content[name] = texts[0]
    for name, upload in sent.files.items():
        if name not in hints:
            raise MalformedError(name[:64], _UNKNOWN)
        if upload.name or upload.content:
            content[name] = {"name": upload.name, "content": upload.content}
    return _convert(takes, content)


def _convert(takes: type[Message], content: Mapping[str, Any]) -> Message:
    try:
        return msgspec.convert(content, takes, strict=False)
    except msgspec.ValidationError as wrong:
        text = str(wrong)
        found = _MISSING.search(text) or _PATH.search(text)
        raise MalformedError(found[1] if found else "", text.split(" - at ", maxsplit=1)[0]) from None


def _takes_many(hint: Any) -> bool:
    origins = {getattr(one, "__origin__", one) for one in (hint, *get_args(hint))}
    return bool(origins & {list, tuple})


def _of_pairs(body: bytes) -> Sent:
    sent = Sent()
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise MalformedError("", _UNREADABLE) from None
    for name, text in pairs:
        sent.texts.setdefault(name, []).append(text)
    return sent


def _of_parts(content_type: str, body: bytes) -> Sent:
    sent, size = Sent(), len(body) + 1
    boundary = multipart.parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise MalformedError("", _UNREADABLE)
    parser = multipart.MultipartParser(
        BytesIO(body),
        boundary,
        len(body),
        strict=True,
        part_limit=MOST_FIELDS,
        memory_limit=size,
        spool_limit=size,
    )
    try:
        for part in parser:
            _take(sent, part)
    except (multipart.MultipartError, UnicodeError):
        raise MalformedError("", _UNREADABLE) from None
    return sent


def _take(sent: Sent, part: multipart.MultipartPart) -> None:
    """Take a part, as UTF-8 whatever it says: who may name an encoding names one that takes for ever."""
    name = part.name
    if not part.filename:
        sent.texts.setdefault(name, []).append(_plain(name, part.raw.decode()))
        return
    if name in sent.files:
        raise MalformedError(name, _TWICE)
    sent.files[name] = Upload(_plain(name, part.filename), part.raw)


def _plain(name: str, text: str) -> str:
    text.encode()  # refuses lone surrogates
    if "\x00" in text:
        raise MalformedError(name, _NUL)
    return text
