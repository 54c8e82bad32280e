"""How a machine's fingerprint is shown: two lines a part on a terminal, a list for programs."""

from typing import Any

import click

from activation.cli.output import show_rows
from activation.client.device import ThisDevice
from activation.client.explaining import Explained, PartExplained

_EMPTY = "Nothing could be read of this machine."


def show_fingerprint(device: ThisDevice, told: Explained, *, values: bool, json_wanted: bool) -> None:
    """Show what counts and why; the values only when asked, for they are personal data."""
    if json_wanted:
        show_rows([_row(device, part, values=values) for part in told.parts], json_wanted=True, empty=_EMPTY)
        return
    width = max((len(part.part) for part in told.parts), default=0)
    for part in told.parts:
        for line in _lines(device, part, values=values):
            click.echo(f"{line[0]:{width}}  {line[1]}")
    click.echo(f"\nPolicy {told.policy}: {told.summary}.")
    if told.advice:
        click.echo(told.advice)


def _row(device: ThisDevice, part: PartExplained, *, values: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "part": part.part,
        "counts": part.counts,
        "weight": part.weight,
        "why": part.why,
        "if_changed": part.if_changed,
        "read_from": part.read_from,
    }
    if values and part.part in device.components:
        row["value"] = device.components[part.part]
    return row


def _lines(device: ThisDevice, part: PartExplained, *, values: bool) -> list[tuple[str, str]]:
    standing = {"yes": f"weighs {part.weight}", "no": "does not count", "unread": "not read"}[part.counts]
    lines = [(part.part, f"{standing}: {part.why}")]
    if part.counts == "yes" and part.if_changed:
        lines.append(("", f"if it changed: {part.if_changed}"))
    if part.read_from:
        made = part.read_from.startswith("made ")
        lines.append(("", part.read_from if made else f"read from {part.read_from}"))
    if values and part.part in device.components:
        value = device.components[part.part]
        lines.append(("", f"value: {value if isinstance(value, str) else ', '.join(value)}"))
    return lines
