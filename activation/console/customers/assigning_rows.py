"""A file of hundreds: what it would come to, then, on the word of whoever looked, each row once (P5)."""

from collections import Counter
from dataclasses import replace
from typing import Any, Final

from msgspec import Struct

from activation.console.customers import assigning
from activation.console.customers.choosing import What
from activation.console.customers.sheets import RowShown, download_of, read_sheet, show_rows, text_of
from activation.console.forms import Upload
from activation.console.outcomes import Page
from activation.console.pages import FormRoute
from activation.console.saying import say
from activation.http.calls import Call
from activation.http.naming import own_id
from activation.licensing.model import LicenseKind
from activation.licensing.roles import Act
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.messages.assignments import MAX_BATCH_BODY
from activation.service.reselling.bulk import assign_rows, preview_rows
from activation.service.reselling.pools import see_left
from activation.service.reselling.sheets import BatchRow, find_done
from activation.service.working import Work

PREVIEW: Final = f"{assigning.PATH}/preview"
ROWS: Final = f"{assigning.PATH}/rows"
_MOST: Final = MAX_BATCH_BODY + 64 * 1024


class PreviewForm(Struct, frozen=True, forbid_unknown_fields=True):
    """A file, or its text; and what a row gets that names no product."""

    file: Upload | None = None
    text: str = ""
    default: What | None = None


class RowsForm(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows that were looked at."""

    text: str
    default: What | None = None
    all_or_nothing: bool = False
    again: bool = False


@value
class Taken:
    """What the rows take out of one pool, and what is left of it then."""

    product: str
    major: int
    count: int
    left: int


async def preview(work: Work, _call: Call, form: PreviewForm) -> Page | Refused:
    """Show row by row what would be assigned; nothing is."""
    text = text_of(form.file.content) if form.file is not None else form.text
    if isinstance(text, Refused):
        return text
    if not text.strip():
        return Refused(Refusal.MALFORMED, "request", say("assign.file.missing"), facts={"field": "file"})
    sheet = read_sheet(text, form.default)
    if isinstance(sheet, Refused):
        return sheet if form.file is not None else replace(sheet, facts={"field": "text"})
    results = await preview_rows(work, own_id(work), sheet.rows)
    if isinstance(results, Refused):
        return results
    rows = show_rows(sheet, results)
    named = [row for row in sheet.rows if isinstance(row, BatchRow)]
    return Page(
        "customers/preview.html",
        "assign.preview.title",
        text=text,
        default=form.default or "",
        taken=await _taken(work, rows),
        before=await find_done(work, own_id(work), named),
        **_apart(rows),
    )


async def assign_sheet(work: Work, _call: Call, form: RowsForm) -> Page | Refused:
    """Assign row by row, and show what became of each; logins of new accounts this once (P2)."""
    sheet = read_sheet(form.text, form.default)
    if isinstance(sheet, Refused):
        return sheet
    results = await assign_rows(
        work, own_id(work), sheet.rows, all_or_nothing=form.all_or_nothing, again=form.again
    )
    if isinstance(results, Refused):
        return results
    rows = show_rows(sheet, results)
    return Page("customers/assigned.html", "assign.result.title", download=download_of(rows), **_apart(rows))


def _apart(rows: list[RowShown]) -> dict[str, Any]:
    """Return the rows that are refused, and those that are not with how much they come to."""
    done = [row for row in rows if row.refused is None]
    return {
        "refused": [row for row in rows if row.refused is not None],
        "done": done,
        "licenses": sum(row.count for row in done),
        "accounts": sum(row.is_new for row in done),
        "twins": [row.number for row in done if row.twin is not None],
    }


async def _taken(work: Work, rows: list[RowShown]) -> list[Taken]:
    wanted: Counter[tuple[str, int]] = Counter()
    for row in rows:
        if row.refused is None:
            wanted[row.product, row.major] += row.count
    left = await see_left(work, own_id(work), LicenseKind.PERPETUAL)
    taken = [(one, wanted[one.product, one.major]) for one in left]
    return [Taken(one.product, one.major, count, one.count - count) for one, count in taken if count]


ROUTES: Final = (
    FormRoute(PREVIEW, Act.OWN_ASSIGN, PreviewForm, preview, assigning.PAGE, _MOST),
    FormRoute(ROWS, Act.OWN_ASSIGN, RowsForm, assign_sheet, assigning.PAGE, _MOST),
)
