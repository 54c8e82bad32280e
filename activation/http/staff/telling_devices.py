"""A device as staff get it: what it is known by, and which parts changed since when (D4)."""

from typing import Any

from activation.licensing.devices.explaining import DriftStanding
from activation.messages.times import optional_rfc3339, to_rfc3339


def tell_parts(standing: DriftStanding) -> dict[str, Any]:
    """Tell what a device is known by and what became of it; kinds of part only, never a value."""
    return {
        "policy": standing.policy,
        "parts": list(standing.parts),
        "changed": [
            {"part": part.kind, "since": to_rfc3339(part.at), "counts": part.counts}
            for part in standing.changed
        ],
        "changes_left": standing.left,
        "change_limit_until": optional_rfc3339(standing.until),
    }


def explain_in_a_line(name: str, told: dict[str, Any]) -> str:
    """Say the same in a line, for the command line."""
    changed = ", ".join(
        f"{part['part']} since {part['since']}{'' if part['counts'] else ' (no longer counts)'}"
        for part in told["changed"]
    )
    left, until = told["changes_left"], told["change_limit_until"]
    more = f"{left} more may change" if left else f"no more may change until {until}"
    known = f"{name}: known by {', '.join(told['parts'])} under {told['policy']}"
    return f"{known}; changed: {changed or 'nothing'}; {more}"
