"""G3: the copy's shape is what docs/export.md and its schema say, and nothing personal is forgotten."""

import json
import re
from pathlib import Path

from activation.messages.person_data import schema_of_copy
from activation.storage.privacy.register import read_register

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "export.md").read_text("utf-8")
_WORD = re.compile(r"`([a-z_.]+)`")


def part(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text):
    """Return the words in the first column of a part's tables."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [word for cell in rows for word in _WORD.findall(cell)]


def test_g3_the_schema_is_the_one_that_is_committed():
    written = json.loads((DOCS / "export.schema.json").read_text("utf-8"))
    assert written == schema_of_copy(), "write it anew: see docs/make_export_schema.py"


def test_g3_every_field_of_the_copy_is_described_and_no_other():
    described = {
        section.split(":")[0]: first_cells(section) for section in part("Sections").split("\n### ")[1:]
    }
    shapes = schema_of_copy()["$defs"]
    assert {name: sorted(shape["properties"]) for name, shape in shapes.items()} == {
        name: sorted(fields) for name, fields in described.items()
    }


def test_g3_every_personal_column_is_in_the_copy_or_left_out_for_a_reason():
    told, left_out = first_cells(part("From the register")), first_cells(part("Left out, and why"))
    personal = [f"{one.table}.{one.name}" for one in read_register().personal]
    assert sorted(told + left_out) == sorted(set(personal))
