"""How vectors are written: one JSON file a subject, {"about", "cases"}, ASCII, the same bytes each time."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

Case = dict[str, Any]
Build = Callable[[], dict[str, Any]]


def subject(about: str, cases: Iterable[Case], **more: Any) -> dict[str, Any]:
    """Return a file's content; no two cases of it bear one name."""
    listed = list(cases)
    names = [case["name"] for case in listed]
    doubles = {name for name in names if names.count(name) > 1}
    if doubles:
        raise ValueError(f"two cases of one name: {sorted(doubles)}")
    return {"about": about, **more, "cases": listed}


def render(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"
