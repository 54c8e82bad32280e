"""Writes docs/register.md from the register beside the schema: `.venv/bin/python docs/make_register.py`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from activation.licensing.privacy.retention import Keeping, terms
from activation.service.privacy.register import Entry, length, show_register

PAGE: Final = Path(__file__).with_name("register.md")
_BEFORE: Final = """\
# Register of processing

Made by `python docs/make_register.py` from `activation/storage/privacy/register.toml` and
`activation/licensing/privacy/retention.py`; a test holds them together, and another fails for a column of the
schema that the register does not name (G1). `activation privacy register` and
`GET /v1/staff/privacy/register` show it under a server's own settings; here they are the defaults.

"""
_RULES: Final = """\
## How long

A job does it every night (`keep_no_longer`), in steps, and keeps the counts: `activation privacy retention`,
`GET /v1/staff/privacy/retention`.

"""
_PLAIN: Final = """\

## What says nothing of anybody

Numbers, times, sums and words of ours. The number of an account, a licence or an activation is a pseudonym:
it leads to nobody once what `personal` holds of it is deleted.

"""


def page() -> str:
    """Return the whole page."""
    shown = show_register(Keeping())
    parts = [_BEFORE, "\n".join(_people(shown.entries)), "\n", _RULES, "\n".join(_terms()), "\n", _PLAIN]
    parts.append("\n".join(_plain(shown.plain)))
    return "".join(parts) + "\n"


def _people(entries: tuple[Entry, ...]) -> Iterator[str]:
    for table, columns in groupby(entries, key=lambda one: one.column.partition(".")[0]):
        rows = list(columns)
        first = rows[0]
        yield f"## {table}"
        yield f"About: {first.about}. Why: {first.why}. Ground: {first.ground}."
        yield ""
        yield "| column | says | kept | seen by |"
        yield "| --- | --- | --- | --- |"
        for one in rows:
            name = one.column.partition(".")[2]
            yield f"| `{name}` | {one.says} | {one.kept} | {', '.join(one.seen_by) or 'nobody'} |"
        yield ""


def _terms() -> Iterator[str]:
    yield "| rule | what | kept for | since | then |"
    yield "| --- | --- | --- | --- | --- |"
    for term in terms(Keeping()).values():
        yield f"| `{term.rule}` | {term.what} | {length(term.keep_s)} | {term.since} | {term.then} |"


def _plain(plain: dict[str, tuple[str, ...]]) -> Iterator[str]:
    yield "| table | columns |"
    yield "| --- | --- |"
    for table, names in plain.items():
        yield f"| `{table}` | {', '.join(names)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
