"""Files of rows: read as they were sent, shown row by row, and the outcome as a file again."""

import csv
import io
from collections.abc import Sequence
from dataclasses import field
from typing import Final
from urllib.parse import quote

from activation.console.customers.choosing import split
from activation.console.saying import say
from activation.console.wording import explain_field
from activation.http.reselling.customers import row_of
from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.assignments import BatchRowMessage, read_csv
from activation.messages.strict import MalformedError
from activation.service.reselling.bulk import DoneRow, RefusedRow, UnreadRow
from activation.service.reselling.sheets import BatchRow

COLUMNS: Final = BatchRowMessage.__struct_fields__
EXAMPLE: Final = (
    "product,major,count,login,email,name\r\n"
    "zoiper,5,1,,anna@example.com,Anna Example\r\n"
    "zoiper,5,10,k7wq3-9dm2x,,\r\n"
)
_TOLD: Final = (
    *("row", "result", "code", "detail", "login", "password", "email", "name"),
    *("account_id", "product", "major", "count", "license_ids"),
)
# A cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = tuple("=+-@\t\r")


@value
class Sheet:
    """Rows as they were sent, and as what is decided upon."""

    given: tuple[BatchRowMessage | MalformedError, ...] = field(repr=False)
    rows: tuple[BatchRow | UnreadRow, ...] = field(repr=False)


@value
class RowShown:
    """One row and what it comes to. `is_new`: its account is made for it; `twin`: an equal row before it."""

    number: int
    who: str = field(repr=False)
    name: str = field(repr=False)
    product: str
    major: int
    count: int
    refused: Refused | None
    why: str
    is_new: bool
    account_id: int | None
    login: str = field(repr=False, default="")
    password: str = field(repr=False, default="")
    license_ids: tuple[int, ...] = ()
    twin: int | None = None


def text_of(content: bytes) -> str | Refused:
    """Return a file's text; refuse one in another encoding, which would garble people's names."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _wrong(say("assign.file.encoding"))


def read_sheet(text: str, what: str | None) -> Sheet | Refused:
    """Return the rows of a file, `what` standing in for a product that a row does not name."""
    otherwise = dict(zip(("product", "major"), map(str, split(what)), strict=True)) if what else {}
    try:
        given = tuple(read_csv(text, otherwise))
    except MalformedError as wrong:
        return _wrong(wrong.detail)
    if not given:
        return _wrong(say("assign.file.empty"))
    return Sheet(given, tuple(row_of(number, one) for number, one in enumerate(given, start=1)))


def show_rows(sheet: Sheet, results: Sequence[DoneRow | RefusedRow]) -> list[RowShown]:
    """Return each row with what it comes to."""
    first: dict[BatchRowMessage, int] = {}
    shown = []
    for number, (given, result) in enumerate(zip(sheet.given, results, strict=True), start=1):
        twin = None if isinstance(given, MalformedError) else first.setdefault(given, number)
        shown.append(_shown(given, result, None if twin == number else twin))
    return shown


def _shown(
    sent: BatchRowMessage | MalformedError, result: DoneRow | RefusedRow, twin: int | None
) -> RowShown:
    given = BatchRowMessage("", 0) if isinstance(sent, MalformedError) else sent
    about = (result.number, given.login or given.email, given.name, given.product, given.major, given.count)
    if isinstance(result, RefusedRow):
        why = _why(sent) if isinstance(sent, MalformedError) else result.refused.detail
        return RowShown(*about, result.refused, why, is_new=False, account_id=None)
    made, done = result.made, result.assigned
    return RowShown(
        *about,
        None,
        "",
        made is not None,
        done.account_id,
        made.login if made is not None else "",
        made.password if made is not None else "",
        done.license_ids,
        twin,
    )


def _why(wrong: MalformedError) -> str:
    told = explain_field(wrong.detail)
    return say("assign.rows.wrong", column=wrong.field, detail=told) if wrong.field else told


def download_of(rows: Sequence[RowShown]) -> str:
    """Return the outcome as the address of a file that lies in it: nothing of it is kept for later."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_TOLD)
    writer.writerows(_cells(row) for row in rows)
    return f"data:text/csv;charset=utf-8,{quote(chr(0xFEFF) + out.getvalue())}"


def _cells(row: RowShown) -> list[str]:
    refused = row.refused
    is_login = "@" not in row.who
    cells = [
        str(row.number),
        "assigned" if refused is None else "refused",
        "" if refused is None else str(refused.code),
        row.why,
        row.who if is_login else row.login,
        row.password,
        "" if is_login else row.who,
        row.name,
        "" if row.account_id is None else to_text(ACCOUNT, row.account_id),
        row.product,
        str(row.major),
        str(row.count),
        " ".join(to_text(LICENSE, one) for one in row.license_ids),
    ]
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]


def _wrong(detail: str) -> Refused:
    return Refused(Refusal.MALFORMED, "request", detail, facts={"field": "file"})
