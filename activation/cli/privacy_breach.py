"""A breach report on the command line, under `activation privacy`: streamed, whatever was looked at (G7)."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from activation.cli.acting import do
from activation.cli.output import as_json
from activation.http.privacy.telling_breaches import tell_exposed, tell_report
from activation.service.privacy.breaching import Exposed, Question, report_breach

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@click.command(name="breach")
@click.option("--since", required=True, type=_TIME, help="From then on (UTC): 2026-11-22 or with a time.")
@click.option("--until", required=True, type=_TIME, help="To before then.")
@click.option("--reader", help="Only what this login of staff or a reseller saw.")
@click.option("--person", help="Only of this account: login or id.")
@click.option(
    "--field", help="Only this field: login, name, email, address, phone, device_name, ip_address, orders…"
)
@as_json
def breach(
    since: datetime,
    until: datetime,
    reader: str | None,
    person: str | None,
    field: str | None,
    json_wanted: bool,
) -> None:
    """Report whose data were looked at: which fields, since when, by whom, how often."""
    question = Question(_seconds(since), _seconds(until), reader, person, field)
    take = _JsonRows() if json_wanted else _TextRows()
    report = tell_report(do(lambda work: report_breach(work, question, take)))
    take.close(report)


def _seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())


class _JsonRows:
    """Writes one JSON document as its rows come."""

    def __init__(self) -> None:
        self._before = '{"exposed": ['

    def __call__(self, one: Exposed) -> None:
        click.echo(self._before + json.dumps(tell_exposed(one)), nl=False)
        self._before = ",\n"

    def close(self, report: dict[str, Any]) -> None:
        """Write the sums, and end the document."""
        begun = self._before if self._before.startswith("{") else ""
        click.echo(f"{begun}],\n" + json.dumps(report, indent=2).removeprefix("{\n"))


class _TextRows:
    """Writes what was seen to be read: a paragraph for each person, a line for each field and reader."""

    def __init__(self) -> None:
        self._person = 0

    def __call__(self, one: Exposed) -> None:
        told = tell_exposed(one)
        if one.person_id != self._person:
            self._person = one.person_id
            click.echo(told["person"])
        when = f"{told['first_at']} to {told['last_at']}" if one.times > 1 else told["first_at"]
        by = f"{told['reader']} ({told['role'] or 'no role'})"
        click.echo(f"  {one.field}: seen {one.times} times by {by}, {when}; {', '.join(told['acts'])}")

    def close(self, report: dict[str, Any]) -> None:
        """Write the sums."""
        click.echo(f"\nFrom {report['since']} to {report['until']}: data of {report['persons']} people.")
        for one in report["readers"]:
            name = f"{one['reader']} {one['login'] or ''} ({one['role'] or 'no role'})"
            told_to = f", for the reseller {one['reseller_id']}" if one["reseller_id"] else ""
            click.echo(f"  told to {name}{told_to}: {one['persons']} people, {one['times']} times")
        for day in report["days"]:
            click.echo(f"  on {day['day']}: {day['looks']} looks at {day['persons']} people")
