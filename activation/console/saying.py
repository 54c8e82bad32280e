"""All words of the console: `texts/en/<room>.toml`, told by key, `room.group.name`.

A text names its values in braces, `{count}`. One with a number in it is a table of `one` and `other`, chosen
by `count`. What goes into a page is escaped, the values too.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup, escape

LANGUAGE: Final = "en"
_FOLDER: Final = Path(__file__).parent / "texts"
Text = str | Mapping[str, str]


@cache
def texts() -> Mapping[str, Text]:
    """Return every text by its key."""
    found: dict[str, Text] = {}
    for file in sorted((_FOLDER / LANGUAGE).glob("*.toml")):
        _gather(file.stem, tomllib.loads(file.read_text(encoding="utf-8")), found)
    return found


def say(key: str, **values: object) -> str:
    """Return a text with its values in it. Raises KeyError without such a text, or such a value."""
    return _choose(key, values).format(**values)


def say_or(key: str, otherwise: str) -> str:
    """Return a text that needs no values, or something else where there is none."""
    return say(key) if key in texts() else otherwise


def mark_up(key: str, **values: object) -> Markup:
    """Return a text for a page: it and its values escaped, but for values that are markup themselves."""
    return Markup(escape(_choose(key, values))).format(**values)  # noqa: S704  (escaped just here)


def _choose(key: str, values: Mapping[str, object]) -> str:
    text = texts()[key]
    if isinstance(text, str):
        return text
    return text["one" if values["count"] == 1 else "other"]


def _gather(path: str, table: Mapping[str, Any], found: dict[str, Text]) -> None:
    for name, content in table.items():
        key = f"{path}.{name}"
        if isinstance(content, str) or set(content) == {"one", "other"}:
            found[key] = content
        else:
            _gather(key, content, found)
