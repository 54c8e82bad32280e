"""One act under way: its transaction, who acts, when; and what the system itself does.

A use case gets a `Work` and answers with a value or a refusal; a refusal leaves nothing written.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from activation.licensing.events import Actor, Event, EventKind
from activation.licensing.roles import STAFF, Act, Role
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.auditing.whence import note_whence
from activation.service.desk import Desk
from activation.service.ids import new_trace_id
from activation.service.not_now import unavailable
from activation.service.peppering.keeping_up import now_knowing_pepper
from activation.storage.accounts import PersonalField
from activation.storage.connection import Connection
from activation.storage.events import add_events
from activation.storage.lending import RowRefusedError, lend
from activation.storage.outgoing.outbox import write_hook_message, write_mail

TRIES: Final = 8
ORDERS: Final = "orders"
"""What is seen of a person who bought something, beside the personal fields (G6)."""
LOCAL: Final = "local"
"""As what act a look is told of that was had at the server's own machine."""


@value
class Person:
    """Who acts: one of the licensor's staff, a reseller's user, or an end user, whose id is the account's.

    `scopes` are those of the token that was shown, None for all that the role may. `stepped_up_at` is when
    the second factor was last shown in this session (seconds since 1970).
    """

    person_id: int
    login: str
    role: Role
    reseller_id: int | None = None
    session_id: int | None = None
    stepped_up_at: int | None = None
    scopes: frozenset[Act] | None = None

    @property
    def is_staff(self) -> bool:
        """Tell whether this is the licensor's staff."""
        return self.role in STAFF

    @property
    def actor(self) -> Actor:
        """Return as whom the log names this person."""
        if self.person_id == 0:
            return Actor.SYSTEM
        if self.role is Role.END_USER:
            return Actor.OWNER
        return Actor.STAFF if self.is_staff else Actor.RESELLER


SYSTEM: Final = Person(0, "system", Role.ADMIN)
"""Whoever works on this machine itself: the command line, and jobs that run by themselves."""


@dataclass(slots=True)
class Work:
    """One act under way: its transaction, who acts, when."""

    connection: Connection
    desk: Desk
    person: Person
    now: int
    trace_id: str
    address: Callable[[], str]
    act: Act | None = None
    """What is done, by its name in the table of acts; None at the command line and in jobs."""

    def new_id(self, shard: int = 0) -> int:
        """Return a new id in a shard; resellers, orders and staff are in shard 0."""
        return self.desk.ids.new(shard)

    async def tell(
        self, kind: EventKind, about: int, rule: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Append an event: who did what, by which rule. Never a name, an e-mail or a serial in `details`."""
        await add_events(self.connection, [self.event(kind, about, rule, details)])

    def event(
        self, kind: EventKind, about: int, rule: str, details: Mapping[str, Any] | None = None
    ) -> Event:
        """Return the event that `tell` would append, for who appends many at once."""
        event = Event(
            about,
            self.new_id(about >> 55),
            kind,
            self.person.actor,
            rule,
            self.trace_id,
            self.person.person_id or None,
            None,
            json.dumps(details) if details else None,
        )
        return self.attribute(event)

    def attribute(self, event: Event) -> Event:
        """Return an event with the role in which the person acts, and from where."""
        if not self.person.person_id:
            return event
        key = self.desk.secrets.audit
        whence = note_whence(key, event.event_id, self.address(), self.now)
        return replace(event, role=self.person.role, whence=whence)

    async def look(
        self,
        abouts: Iterable[int],
        fields: Iterable[PersonalField | str],
        kind: EventKind = EventKind.LOOKED,
    ) -> None:
        """Tell of a look at what is known of people (G6): one event for each of these accounts or licences.

        It names the act and the fields that were seen, never what stood in them. No look is told of an end
        user's own: those are their data. Raises ValueError without a field: no report would show it (G7).
        """
        if self.person.role is Role.END_USER:
            return
        details = {"act": self.act or LOCAL, "fields": [_name_field(field) for field in fields]}
        if not details["fields"]:
            raise ValueError(_NO_FIELD)
        looks = [self.event(kind, about, "G6", details) for about in dict.fromkeys(abouts)]
        await add_events(self.connection, looks)

    async def mail(
        self, subject: int, template: str, params: Mapping[str, Any], once_key: str | None = None
    ) -> None:
        """Write a mail to an account, a reseller or a person of staff; it leaves after the commit."""
        await write_mail(self.connection, self.new_id(), subject, template, params, self.now, once_key)

    async def hook(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Write a message to the vendor's webhooks that listen to this kind."""
        await write_hook_message(self.connection, self.new_id(), kind, payload, self.now)


_NO_FIELD: Final = "A look names what was seen."


def _name_field(field: PersonalField | str) -> str:
    return field if isinstance(field, str) else field.name.lower()


Done = TypeVar("Done")


class RefusedActError(Exception):
    """Takes back what a use case wrote before it refused."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


async def act_as_system(
    desk: Desk, run: Callable[[Work], Awaitable[Done | Refused]], trace_id: str = ""
) -> Done | Refused:
    """Run a use case as the system itself, in one transaction; a refusal leaves nothing written.

    What lost a race for a row is decided again. Raises DatabaseUnavailableError.
    """
    for _ in range(TRIES):
        try:
            async with lend(desk.pool) as connection, connection.transaction():
                now = await now_knowing_pepper(desk, connection)
                trace = trace_id or new_trace_id()
                done = await run(Work(connection, desk, SYSTEM, now, trace, lambda: "local"))
                if isinstance(done, Refused):
                    raise RefusedActError(done)
                return done
        except RefusedActError as refused:
            return refused.refused
        except RowRefusedError:
            continue
    return unavailable()
