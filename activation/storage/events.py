"""The event log: appending to it, and where whoever acted was, which is kept apart for 30 days."""

from collections.abc import Sequence
from typing import Any

from activation.licensing.events import ROLE_NUMBERS, Event
from activation.storage.connection import Connection
from activation.storage.statements import statement


async def add_events(connection: Connection, events: Sequence[Event]) -> None:
    """Append events that belong to no batch, in the caller's transaction."""
    if events:
        columns = zip(*map(_row, events), strict=True)
        await connection.execute(statement("add_events"), *columns)


def _row(event: Event) -> tuple[Any, ...]:
    whence = event.whence
    return (
        event.about,
        event.event_id,
        event.actor_id,
        event.activation_id,
        event.kind,
        event.actor,
        None if event.role is None else ROLE_NUMBERS[event.role],
        event.rule,
        event.trace_id,
        event.details,
        None if whence is None else whence.digest,
        None if whence is None else whence.noted_at,
        None if whence is None else whence.address,
    )
