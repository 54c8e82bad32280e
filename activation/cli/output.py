"""What commands print: tables on a terminal, one JSON document for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for programs.")


def show_rows(rows: Sequence[Mapping[str, Any]], *, json_wanted: bool, empty: str) -> None:
    """Print rows as a table, or as a JSON list; `empty` says what to do when there are none."""
    if json_wanted:
        click.echo(json.dumps(list(rows), indent=2))
    elif not rows:
        click.echo(empty)
    else:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in rows[0]:
            table.add_column(name.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row.values()))
        Console(highlight=False).print(table)


def show_one(entry: Mapping[str, Any], *, json_wanted: bool) -> None:
    """Print one thing: a line for each of its members, or a JSON object."""
    if json_wanted:
        click.echo(json.dumps(dict(entry), indent=2))
        return
    width = max(map(len, entry))
    for name, value in entry.items():
        click.echo(f"{name.replace('_', ' '):{width}}  {'-' if value is None else value}")
