"""Takes apart the JSON that system tools print, whatever state it is in."""

import json


def parse_object(text: str) -> dict[str, object] | None:
    """Return the JSON object in a tool's output, or None; warnings around it are skipped."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        parsed = json.loads(text[begin : end + 1])
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def list_members(value: object) -> list[object]:
    """Undo what ConvertTo-Json does to lists: bare with one element, or {"value": […], "Count": n}."""
    if isinstance(value, dict) and value.keys() == {"value", "Count"}:
        value = value["value"]
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def list_objects(value: object) -> list[dict[str, object]]:
    """Return only those members that are objects."""
    return [member for member in list_members(value) if isinstance(member, dict)]
