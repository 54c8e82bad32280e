"""What resellers send about customers and licences: singly, or many rows at once as JSON or CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from activation.messages.requests import Word
from activation.messages.strict import MalformedError, decode

MAX_BATCH_BODY: Final = 1024 * 1024
MAX_ROWS: Final = 1000
MAX_COUNT: Final = 10_000
MAX_MAJOR: Final = 32_767

Major = Annotated[int, Meta(ge=0, le=MAX_MAJOR)]
Count = Annotated[int, Meta(ge=1, le=MAX_COUNT)]
Login = Annotated[str, Meta(max_length=128)]
Name = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Email = Annotated[
    str, Meta(max_length=254, pattern=r"^([^@\s\x00-\x1f\x7f<>,;]+@[^@\s\x00-\x1f\x7f<>,;]+)?\Z")
]
Address = Annotated[str, Meta(max_length=1000)]

_WHO: Final = "Say who gets the licences: a login or {}, and not both."


class CustomerRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/customers`."""

    name: Name = ""
    email: Email = ""
    address: Address = ""
    affiliated: bool = False
    own_use: bool = False
    rolled_out: bool = False


class AssignmentRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/assignments` and `POST /v1/reseller/tests`: who is a login or an account id."""

    product: Word
    major: Major
    count: Count = 1
    login: Login = ""
    account: Login = ""


class BatchRowMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `POST /v1/reseller/assignments/batch`: who is a login, or an e-mail and a name."""

    product: Word
    major: Major
    count: Count = 1
    login: Login = ""
    email: Email = ""
    name: Name = ""


class BatchRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/reseller/assignments/batch`: rows, or the same as CSV with a line of names first."""

    rows: Annotated[list[BatchRowMessage], Meta(max_length=MAX_ROWS)] = []
    csv: str = ""
    all_or_nothing: bool = False


class TestsRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/staff/resellers/{reseller_id}/tests` (T1)."""

    product: Word
    major: Major
    count: Count


_CUSTOMER = msgspec.json.Decoder(CustomerRequest)
_ASSIGNMENT = msgspec.json.Decoder(AssignmentRequest)
_BATCH = msgspec.json.Decoder(BatchRequest)
_TESTS = msgspec.json.Decoder(TestsRequest)


def parse_customer(body: bytes) -> CustomerRequest:
    """Read what is told of a new customer. Raises MalformedError, as all of these do."""
    return decode(_CUSTOMER, body)


def parse_assignment(body: bytes) -> AssignmentRequest:
    """Read who gets what."""
    request = decode(_ASSIGNMENT, body)
    if bool(request.login) == bool(request.account):
        raise MalformedError("login", _WHO.format("an account"))
    return request


def parse_tests(body: bytes) -> TestsRequest:
    """Read how many test licences a reseller is granted."""
    return decode(_TESTS, body)


def parse_batch(body: bytes) -> tuple[list[BatchRowMessage | MalformedError], bool]:
    """Read rows, each as a message or as what is wrong with it, and whether it is all or nothing."""
    request = decode(_BATCH, body)
    if bool(request.rows) == bool(request.csv):
        raise MalformedError("rows", "Send rows or csv, and not both.")
    if request.csv:
        return list(read_csv(request.csv)), request.all_or_nothing
    return [_refuse_nobody(row) for row in request.rows], request.all_or_nothing


def read_csv(
    text: str, otherwise: Mapping[str, str] | None = None
) -> Iterator[BatchRowMessage | MalformedError]:
    """Read rows of CSV (RFC 4180; a comma, semicolon or tab between), named by the first line in any order.

    `otherwise` tells what stands in a column that is not there, or empty.
    """
    otherwise = otherwise or {}
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    between = next((one for one in ";\t" if one in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=between, strict=True)
    names = [name.strip().lower() for name in _next(reader)]
    _refuse_names(names, otherwise)
    lines = (cells for cells in reader if any(map(str.strip, cells)))
    for number in range(1, MAX_ROWS + 2):
        try:
            cells = next(lines, None)
        except csv.Error as wrong:
            raise MalformedError("csv", f"Row {number} cannot be read: {wrong}.") from None
        if cells is None:
            return
        if number > MAX_ROWS:
            raise MalformedError("csv", f"At most {MAX_ROWS} rows at once.")
        yield _row_of(names, cells, otherwise)


def _next(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as wrong:
        raise MalformedError("csv", f"The first line cannot be read: {wrong}.") from None


def _refuse_names(names: list[str], otherwise: Mapping[str, str]) -> None:
    known = BatchRowMessage.__struct_fields__
    wrong = [name for name in names if name not in known]
    if wrong or len(set(names)) < len(names) or not {"product", "major"} <= {*names, *otherwise}:
        raise MalformedError("csv", f"The first line names the columns: {', '.join(known)}.")


def _row_of(
    names: list[str], cells: list[str], otherwise: Mapping[str, str]
) -> BatchRowMessage | MalformedError:
    if len(cells) != len(names):
        return MalformedError("", f"This row has {len(cells)} columns, and the first line {len(names)}.")
    given: dict[str, Any] = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    needed = {"product": "", "major": "", **otherwise}
    given = {**needed, **{name: cell for name, cell in given.items() if cell}}
    try:
        return _refuse_nobody(msgspec.convert(given, BatchRowMessage, strict=False))
    except msgspec.ValidationError as wrong:
        said, _, path = str(wrong).partition(" - at `$.")
        return MalformedError(path.rstrip("`"), f"{said}.")


def _refuse_nobody(row: BatchRowMessage) -> BatchRowMessage | MalformedError:
    if bool(row.login) == bool(row.email):
        return MalformedError("login", _WHO.format("an e-mail"))
    return row
