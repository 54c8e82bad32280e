"""The log and its seals as staff get them, over HTTP and on the command line."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from activation.licensing.events import ROLE_NUMBERS, Actor, EventKind
from activation.licensing.identifiers import (
    ACCOUNT,
    ACTIVATION,
    LICENSE,
    RESELLER,
    STAFF,
    USER,
    from_text,
    to_text,
)
from activation.messages.times import to_rfc3339
from activation.service.auditing.checkpoints import SealRow
from activation.service.auditing.findings import Findings
from activation.service.auditing.histories import LoggedEvent, LogPage, Position

_PREFIXES: Final = {
    "license": LICENSE,
    "account": ACCOUNT,
    "staff": STAFF,
    "user": USER,
    "reseller": RESELLER,
    "": "",
}
_PEOPLE: Final = {Actor.OWNER: ACCOUNT, Actor.STAFF: STAFF, Actor.RESELLER: USER}
_ROLES: Final = {number: role for role, number in ROLE_NUMBERS.items()}
_KINDS: Final = {int(kind): kind.name.lower() for kind in EventKind}
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def tell_log(page: LogPage) -> dict[str, Any]:
    """Tell a page of a history; `next_before` is there when more may follow."""
    told: dict[str, Any] = {"events": [_tell_event(page, row) for row in page.rows]}
    if page.next_before is not None:
        told["next_before"] = _write_position(page.next_before)
    return told


def _tell_event(page: LogPage, row: LoggedEvent) -> dict[str, Any]:
    told = {
        "at": to_rfc3339(int(row.happened.timestamp())),
        "event": _KINDS.get(row.kind, str(row.kind)),
        "about": to_text(_PREFIXES[page.kinds.get(row.about, "")], row.about),
        "by": Actor(row.actor).name.lower(),
        "role": None if row.role is None else _ROLES.get(row.role, str(row.role)),
        "person_id": _person(row),
        "address": row.address,
        "activation_id": None if row.activation_id is None else to_text(ACTIVATION, row.activation_id),
        "rule": row.rule,
        "trace_id": row.trace_id,
        "details": json.loads(row.details) if row.details else {},
    }
    return {**told, "address_changed": True} if row.event_id in page.unproved else told


def _person(row: LoggedEvent) -> str | None:
    prefix = _PEOPLE.get(Actor(row.actor))
    return None if row.actor_id is None or prefix is None else to_text(prefix, row.actor_id)


def _write_position(position: Position) -> str:
    microseconds = (position.happened - _BEGINNING) // _MICROSECOND
    numbers = microseconds, position.event_id, position.about
    return "-".join(to_text("", number) for number in numbers)


def read_position(text: str) -> Position | None:
    """Return the place that `next_before` names, or None for another text."""
    parts = [from_text("", part) for part in text.split("-")]
    numbers = [part for part in parts if part is not None]
    if len(parts) != 3 or len(numbers) != 3:
        return None
    try:
        happened = _BEGINNING + timedelta(microseconds=numbers[0])
    except OverflowError:
        return None
    return Position(happened, numbers[1], numbers[2])


def tell_seal(row: SealRow) -> dict[str, Any]:
    """Tell a seal as a checkpoint: what proves it, and beside it what it says."""
    return {
        "number": row.number,
        "sealed_at": to_rfc3339(row.sealed_at),
        "events": row.events,
        "seal": row.signed,
        "delegation": row.delegation,
    }


def tell_findings(found: Findings) -> dict[str, Any]:
    """Tell what checking the seals found."""
    return {
        "holds": found.holds,
        "seals": found.seals,
        "events": found.events,
        "checkpoints": found.checkpoints,
        "unsealed": found.unsealed,
        "oldest_unsealed_s": found.unsealed_s,
        "addresses": found.addresses,
        "problem_count": found.problem_count,
        "problems": [{"seal": one.seal, "problem": one.what} for one in found.problems],
        "notes": list(found.notes),
    }
