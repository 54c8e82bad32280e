"""PEM-like armour around bytes (after RFC 7468): written strictly, read in spite of what mail does to files.

Forgiven: CRLF and CR, blanks around lines, blank lines, lines broken anew, a byte order mark, UTF-16 as
Notepad saves it, quoting by ">", text above and below. Not forgiven: anything else inside; two in one text.
"""

import binascii
import codecs
import re
from base64 import b64decode, b64encode
from typing import Final

from activation.messages.strict import MalformedError

LINE: Final = 64
FIELD: Final = "armour"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLANKS: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\ufeff"
_MISSING: Final = "The line -----{} {}----- is missing."
_TWICE: Final = "There are two of them in one text: send one at a time."
_NOT_BASE64: Final = "Between the two lines is something that does not belong there, or something is missing."


def write_armour(label: str, content: bytes) -> str:
    """Return bytes as lines of 64 characters of base64 between BEGIN and END."""
    text = b64encode(content).decode("ascii")
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def read_armour(label: str, data: bytes) -> bytes:
    """Return the bytes between BEGIN and END. Raises MalformedError that says what is wrong with them."""
    lines = [line.lstrip(">" + _BLANKS).rstrip(_BLANKS) for line in re.split(r"\r\n|\r|\n", _text_of(data))]
    begin, end = (_only_line(lines, label, word) for word in ("BEGIN", "END"))
    if end < begin:
        raise MalformedError(FIELD, _MISSING.format("BEGIN", label))
    try:
        content = b64decode("".join(lines[begin + 1 : end]), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError(FIELD, _NOT_BASE64) from None
    if not content:
        raise MalformedError(FIELD, "There is nothing between the two lines.")
    return content


def _text_of(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    # Notepad marks UTF-16, other programs may not: every other byte of ASCII is then zero.
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace")
    return data.decode("utf-8", "replace")


def _only_line(lines: list[str], label: str, word: str) -> int:
    """Return where the one line stands that begins or ends the armour."""
    marker = f"-----{word} {label}-----"
    if marker not in lines:
        raise MalformedError(FIELD, _MISSING.format(word, label))
    if lines.count(marker) > 1:
        raise MalformedError(FIELD, _TWICE)
    return lines.index(marker)
