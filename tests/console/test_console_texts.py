"""All words stand in texts/en: every key is used, and no template has words of its own."""

import ast
import re
from pathlib import Path

import pytest

import activation.console
from activation.console.navigation import ENTRIES
from activation.console.outcomes import HOME
from activation.console.routes import CONSOLE_ROUTES
from activation.console.saying import mark_up, say, texts
from activation.licensing.roles import MAY, Role
from activation.licensing.verdicts import Refusal

FOLDER = Path(activation.console.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
# Said by a name that is not known beforehand: of a refusal, a rule, a role.
BY_NAME = {
    "refusal",
    "rules",
    "instead",
    "time.in",
    "time.ago",
    "events.facts",
    "events.names",
    "traces.facts",
    "traces.names",
}
_KEY = re.compile(r"""\bt\(\s*["']([a-z0-9_.]+)["']""")
_GROUP = re.compile(r"""\bt_of\(\s*["']([a-z0-9_.]+)["']""")
_TOLD = re.compile(r"""\{[{%#].*?[}%#]\}""", re.DOTALL)


def in_python():
    """Return every text in the console's code that is the name of a text, or looks like one."""
    found = set()
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def in_templates(pattern):
    return {key for file in TEMPLATES for key in pattern.findall(file.read_text())}


def test_every_text_is_used():
    groups = in_templates(_GROUP) | BY_NAME
    named = in_templates(_KEY) | in_python()
    tiles = {f"{entry.text}_about" for entry in ENTRIES}
    unused = [
        key
        for key in texts()
        if key not in named | tiles and not any(key.startswith(f"{group}.") for group in groups)
    ]
    assert unused == []


def test_every_text_that_is_used_is_there():
    said = {
        node.args[at].value
        for file in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        for name, at in [(getattr(node.func, "id", ""), 0)]
        for at in [{"say": 0, "mark_up": 0, "Page": 1, "SeeOther": 1, "Entry": 1}.get(name, -1)]
        if 0 <= at < len(node.args) and isinstance(node.args[at], ast.Constant)
    }
    tiles = {f"{entry.text}_about" for entry in ENTRIES[1:]}
    assert sorted((in_templates(_KEY) | said | tiles) - set(texts())) == []


def test_every_refusal_and_role_has_its_words():
    wanted = {f"refusal.{code}.{part}" for code in Refusal for part in ("title", "instead")}
    wanted |= {f"{group}.{role}" for group in ("roles", "home.lead") for role in Role}
    assert sorted(wanted - set(texts())) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_template_has_words_of_its_own(file):
    text = _TOLD.sub("", re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL))
    attributes = re.findall(r"""\b(?:alt|title|placeholder|aria-label|value)="([^"]*[A-Za-z][^"]*)\"""", text)
    untagged = re.sub(r"""<[^>]*>|&\w+;| [a-z-]+="[^"]*\"""", "", text)
    assert [one for one in attributes if one != "true"] + re.findall(r"[A-Za-z]{2,}", untagged) == []


def test_every_entry_of_the_navigation_leads_to_a_page_of_its_act():
    pages = {(route.path, route.act) for route in CONSOLE_ROUTES if route.method == "GET"}
    assert [entry.path for entry in ENTRIES if (entry.path, entry.act) not in pages] == []
    assert ENTRIES[0].path == HOME
    assert all(MAY[entry.act] for entry in ENTRIES)


def test_a_text_counts_and_escapes():
    assert say("time.ago.days", count=1) == "1 day ago"
    assert say("time.ago.days", count=2) == "2 days ago"
    assert mark_up("sessions.end_which", browser="<b>") == "End the session of &lt;b&gt;"
    with pytest.raises(KeyError):
        say("sessions.end_which")
