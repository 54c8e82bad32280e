"""`activation licenses import`: an existing vendor's licences, by the hundred thousand."""

import csv
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from activation.cli.accounts import on_database
from activation.cli.output import as_json, show_one
from activation.service.clock import Clock
from activation.service.importing.files import Entered, Import, store_file, try_file
from activation.service.importing.lines import Offer, Problem, Reading, digest_file
from activation.service.importing.logins import Logins
from activation.service.provisioning import Keys
from activation.storage.connection import Connection
from activation.storage.licenses.importing import begin_import, find_import, finish_import
from activation.storage.products import read_catalogue

_SHOWN: Final = 10
_File: Final = click.Path(path_type=Path, dir_okay=False)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--product-map", multiple=True, metavar="THEIRS=OURS[:MAJOR]", help="What a product is here.")
@click.option("--logins-out", type=_File, help="File (mode 0600) for the logins and passwords made.")
@click.option("--errors", type=_File, help="CSV file for what is wrong, by line and column.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@as_json
def import_licenses(
    file: Path,
    product_map: Sequence[str],
    logins_out: Path | None,
    errors: Path | None,
    dry_run: bool,
    json_wanted: bool,
) -> None:
    """Import licences: a CSV file with login, product, quantity, since; if wanted major, name, email, kind.

    Lines with something wrong are skipped and told, and the exit status is then 1. An import that was
    stopped goes on where it was when it is started again with the same file.
    """
    if logins_out is None and not dry_run:
        raise click.UsageError("Say with --logins-out where the passwords made are to go.")
    offers = dict(map(_offer, product_map))
    began = time.monotonic()
    told = _Told(file)

    async def bring(connection: Connection, keys: Keys) -> None:
        digest = digest_file(file)
        reading = await _reading(connection, offers)
        begun = await find_import(connection, digest)
        told.resumed_after = begun.done_lines
        if begun.is_finished:
            told.was_finished = True
            return
        wanted = Import(file, digest, begun.done_lines, reading, keys.passwords)
        if dry_run or logins_out is None:
            await told.follow(try_file(connection, wanted))
            return
        with closing(Logins.open(logins_out, digest, begun.done_lines)) as logins:
            await begin_import(connection, digest, file.name, reading.now)
            await told.follow(store_file(connection, wanted, logins))
        await finish_import(connection, digest, reading.now)

    on_database(bring)
    _report(told.problems, errors)
    show_one({**told.sums(), "seconds": round(time.monotonic() - began, 1)}, json_wanted=json_wanted)
    if told.problems:
        sys.exit(1)


class _Told:
    """What an import came to, summed up while a progress bar shows how far it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._sums = {"lines": 0, "accounts_made": 0, "licenses": 0}
        self.problems: list[Problem] = []
        self.resumed_after = 0
        self.was_finished = False

    def sums(self) -> dict[str, Any]:
        """Return the figures to show."""
        bad = {"bad_lines": len({one.line for one in self.problems})}
        before = {"resumed_after_line": self.resumed_after or None, "imported_before": self.was_finished}
        return {"file": str(self._file), **self._sums, **bad, **before}

    async def follow(self, entries: AsyncIterator[Entered]) -> None:
        """Sum up entries as they come."""
        with _progress() as progress:
            bar = progress.add_task("Importing", total=_count_lines(self._file))
            async for entered in entries:
                self._sums["lines"] += entered.lines
                self._sums["accounts_made"] += entered.accounts
                self._sums["licenses"] += entered.licenses
                self.problems += entered.problems
                progress.update(bar, completed=entered.until)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)


def _count_lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(1 for _ in opened)


async def _reading(connection: Connection, offers: Mapping[str, Offer]) -> Reading:
    found = (await read_catalogue(connection)).by_code
    products = {code: one.product_id for code, one in found.items()}
    months = {one.product_id: one.update_months for one in found.values() if one.update_months is not None}
    unknown = sorted({offer.code for offer in offers.values()} - set(products))
    if unknown:
        raise click.BadParameter(f"there is no product {', '.join(unknown)}", param_hint="--product-map")
    return Reading(products, offers, await Clock().now(connection), months)


def _offer(text: str) -> tuple[str, Offer]:
    theirs, equals, ours = text.rpartition("=")
    code, colon, major = ours.partition(":")
    if not (theirs and equals and code) or (colon and not (major.isascii() and major.isdigit())):
        raise click.BadParameter(f"{text!r} is not like 'Their Name=product:5'", param_hint="--product-map")
    return theirs.strip(), Offer(code, int(major) if major else None)


def _report(problems: Sequence[Problem], errors: Path | None) -> None:
    """Write what is wrong to a file, or say the first of it."""
    if errors is not None:
        with errors.open("w", encoding="utf-8", newline="") as file:
            rows = [(one.line, one.column, one.wrong) for one in problems]
            csv.writer(file).writerows([("line", "column", "wrong"), *rows])
        return
    for one in problems[:_SHOWN]:
        click.echo(f"line {one.line}, {one.column or 'as a whole'}: {one.wrong}", err=True)
    if len(problems) > _SHOWN:
        click.echo(f"… and {len(problems) - _SHOWN} more; --errors FILE writes them all.", err=True)
