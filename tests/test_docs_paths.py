"""What the documents call a file is one: paths go stale when rooms are moved, and nobody notices."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("", "activation", "activation/storage", "activation/service", "tests", "docs")
PATH = re.compile(r"`((?:[a-z_]+/)*[a-z_]+(?:\.(?:py|sql|toml)))`")
OURS = ("activation", "crypto", "loadtest", "tests", "docs")
NAMES = {found.name for room in OURS for found in (ROOT / room).rglob("*.*")}
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page):
    """A bare name stands for a file of the room that was named before it."""
    gone = [
        path
        for path in sorted(set(PATH.findall(page.read_text(encoding="utf-8"))))
        if not (path in NAMES or any((ROOT / room / path).exists() for room in ROOMS))
    ]
    assert gone == []
