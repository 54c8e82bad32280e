"""A vendor's list of licences, line by line: what each says, or what is wrong with it.

CSV in UTF-8 (a BOM does no harm), with a header, separated by commas or semicolons. A record is one line, so
that a quote left open spoils no other line.
"""

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from activation.licensing.model import LicenseKind
from activation.licensing.values import value

REQUIRED: Final = ("login", "product", "quantity", "since")
OPTIONAL: Final = ("major", "name", "email", "kind")
MOST_LICENSES: Final = 10_000
MOST_LETTERS: Final = 254
KINDS: Final = {"": LicenseKind.PERPETUAL, "perpetual": LicenseKind.PERPETUAL, "free": LicenseKind.FREE}
"""Test, evaluation and subscription licences have terms that begin here: they are made, not imported."""

_BOM: Final = b"\xef\xbb\xbf"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?\Z", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\Z")
_EARLIEST: Final = 631_152_000  # 1990-01-01
_DAY_S: Final = 86_400


class NotAListError(ValueError):
    """The file is no list of licences at all."""


@value
class Problem:
    """What is wrong in a line; `column` is "" when it is the whole line."""

    line: int
    column: str
    wrong: str


@value
class Offer:
    """A product of ours as the list's word for it is to be understood."""

    code: str
    major: int | None = None


@value
class Line:
    """One line of the list, valid by itself: `product` is our id, `since` in seconds since 1970."""

    number: int
    login: str
    product: int
    major: int
    quantity: int
    since: int
    kind: LicenseKind
    name: str
    email: str


@value
class Reading:
    """What lines are read by: our products, the list's words for them, the clock.

    `update_months` is for how long updates are free, by product (L7); one that is not in it has no term.
    """

    products: Mapping[str, int]
    offers: Mapping[str, Offer]
    now: int
    update_months: Mapping[int, int] = field(default_factory=dict)


def digest_file(path: Path) -> bytes:
    """Return the file's BLAKE2b-256: what an import of it is known by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()


def read_lines(path: Path, reading: Reading) -> Iterator[Line | list[Problem]]:
    """Read the list's lines in order. Raises NotAListError when it has no header that can be read."""
    with path.open("rb") as file:
        first = file.readline().removeprefix(_BOM)
        columns, separator = _read_header(first)
        for number, raw in enumerate(file, 2):
            if raw.strip():
                yield _read_line(number, raw, columns, separator, reading)


def _read_header(raw: bytes) -> tuple[list[str], str]:
    if not raw.strip():
        raise NotAListError("The file is empty. It begins with a line of column names.")
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise NotAListError("The file is not in UTF-8.") from None
    separator = ";" if ";" in text and "," not in text else ","
    columns = [name.strip().lower() for name in text.replace('"', "").split(separator)]
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    if missing or unknown or len(set(columns)) < len(columns):
        raise NotAListError(
            f"The columns are {', '.join(REQUIRED)} and, if wanted, {', '.join(OPTIONAL)}, each once."
            f" Missing: {', '.join(missing) or 'none'}. Unknown: {', '.join(unknown)[:200] or 'none'}."
        )
    return columns, separator


def _read_line(
    number: int, raw: bytes, columns: Sequence[str], separator: str, reading: Reading
) -> Line | list[Problem]:
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
        [fields] = csv.reader([text], delimiter=separator, strict=True)
    except UnicodeDecodeError:
        return [Problem(number, "", "not in UTF-8")]
    except (csv.Error, ValueError) as wrong:
        return [Problem(number, "", f"cannot be read: {wrong}")]
    if len(fields) != len(columns):
        return [Problem(number, "", f"{len(fields)} fields where the header has {len(columns)}")]
    return _check(number, dict(zip(columns, map(str.strip, fields), strict=True)), reading)


def _check(number: int, said: Mapping[str, str], reading: Reading) -> Line | list[Problem]:
    """Check every field, so that one pass over the list finds all that is wrong in it."""
    found: dict[str, Any] = {}
    problems = []
    for column, check in _CHECKS.items():
        try:
            found[column] = check(said.get(column, ""), said, reading)
        except ValueError as wrong:
            problems.append(Problem(number, column, str(wrong)))
    return problems or Line(number, **found)


def _login(text: str, _said: Mapping[str, str], _reading: Reading) -> str:
    if not text:
        raise ValueError("missing")
    if ":" in text:
        raise ValueError("a login has no colon")
    return _plain(text)


def _product(text: str, _said: Mapping[str, str], reading: Reading) -> int:
    product_id = reading.products.get(_offer(text, reading).code)
    if product_id is None:
        raise ValueError("there is no such product" if text else "missing")
    return product_id


def _major(text: str, said: Mapping[str, str], reading: Reading) -> int:
    offer = _offer(said["product"], reading)
    if not text and offer.major is not None:
        return offer.major
    if not text and offer.code not in reading.products:
        return 0  # it is the product that is wrong
    return _number(text, 0, 32_767)


def _quantity(text: str, _said: Mapping[str, str], _reading: Reading) -> int:
    return _number(text, 1, MOST_LICENSES)


def _since(text: str, _said: Mapping[str, str], reading: Reading) -> int:
    if not _TIME.match(text):
        raise ValueError("a date like 2019-03-31, or a time like 2019-03-31T10:00:00Z")
    moment = datetime.fromisoformat(text.upper())
    at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if not _EARLIEST <= at <= reading.now + _DAY_S:
        raise ValueError("before 1990 or in the future")
    return min(at, reading.now)


def _kind(text: str, _said: Mapping[str, str], _reading: Reading) -> LicenseKind:
    kind = KINDS.get(text.lower())
    if kind is None:
        raise ValueError("perpetual or free; those with a term of their own are made here, not imported")
    return kind


def _name(text: str, _said: Mapping[str, str], _reading: Reading) -> str:
    return _plain(text)


def _email(text: str, _said: Mapping[str, str], _reading: Reading) -> str:
    if text and not _EMAIL.match(text):
        raise ValueError("not an e-mail address")
    return _plain(text)


def _plain(text: str) -> str:
    if len(text) > MOST_LETTERS:
        raise ValueError(f"more than {MOST_LETTERS} letters")
    if not text.isprintable():
        raise ValueError("holds what cannot be printed")
    return text


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise ValueError(f"a whole number from {least} to {most}")
    return int(text)


def _offer(text: str, reading: Reading) -> Offer:
    return reading.offers.get(text) or Offer(text)


_CHECKS: Final[Mapping[str, Callable[[str, Mapping[str, str], Reading], Any]]] = {
    "login": _login,
    "product": _product,
    "major": _major,
    "quantity": _quantity,
    "since": _since,
    "kind": _kind,
    "name": _name,
    "email": _email,
}
