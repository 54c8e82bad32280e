"""G1: the register as people read it, and the page that is made from it."""

import runpy
from pathlib import Path

import pytest

from activation.licensing.privacy.retention import DAY_S, YEAR_S, Keeping
from activation.licensing.roles import Role
from activation.service.privacy.register import length, show_register

DOCS = Path(__file__).parents[2] / "docs"


def test_docs_register_md_is_made_from_the_register():
    page = runpy.run_path(str(DOCS / "make_register.py"))["page"]
    assert (DOCS / "register.md").read_text() == page(), "run python docs/make_register.py"


def test_g1_every_entry_says_all_and_names_roles_that_there_are():
    shown = show_register(Keeping(account_s=45 * DAY_S))
    for one in shown.entries:
        assert all([one.says, one.about, one.why, one.ground, one.kept]), one
        assert set(one.seen_by) <= set(map(str, Role)), one
    [login] = [one for one in shown.entries if one.column == "personal.value"]
    assert login.kept.startswith("45 days after")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (DAY_S, "1 day"),
        (30 * DAY_S, "30 days"),
        (YEAR_S, "1 year"),
        (10 * YEAR_S, "10 years"),
        (YEAR_S + DAY_S, "366 days"),
    ],
)
def test_lengths_are_told_in_words(seconds, words):
    assert length(seconds) == words
